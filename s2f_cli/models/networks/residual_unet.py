"""A small residual U-Net with squeeze and excitation, for a CPU (He et al. 2016; Ronneberger et al. 2015)."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._squeeze import SqueezeExcitation

__all__ = ["ResidualUNet"]


class ResidualUNet(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W), unbounded, trained towards [-1, 1].

    H and W are multiples of 2^len(widths). A 2× pixel-unshuffle (Shi et al. 2016) comes first, so the costly
    top level runs at half resolution. Each level has `blocks` residual blocks of two 3×3 convolutions with
    group norm, and squeeze and excitation. A 2×2 convolution of stride 2 leads down; a 1×1 convolution and
    bilinear upsampling, which avoids checkerboard artefacts (Odena et al. 2016), lead up. Skip connections
    are added, not concatenated. At full resolution the input is concatenated to `last` channels and passes
    two more 3×3 convolutions, for lines one pixel wide.
    """

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        widths: Sequence[int] = (48, 96, 192, 256),
        blocks: Sequence[int] = (1, 1, 1, 2),
        last: int = 16,
    ) -> None:
        super().__init__()
        self.multiple = 2 ** len(widths)
        self.input = _conv3x3(4 * in_channels, widths[0])
        steps = list(pairwise(widths))
        self.encoder = nn.ModuleList(_level(w, n) for w, n in zip(widths, blocks, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(wide, deep, 2, stride=2) for wide, deep in steps)
        self.up = nn.ModuleList(nn.Conv2d(deep, wide, 1) for wide, deep in steps)
        self.decoder = nn.ModuleList(_level(w, n) for w, n in zip(widths[:-1], blocks, strict=False))
        self.narrow = nn.Sequential(_conv3x3(widths[0], last), nn.SiLU())
        self.output = nn.Sequential(
            _conv3x3(last + in_channels, last), nn.SiLU(), _conv3x3(last, out_channels)
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        maps = self.input(F.pixel_unshuffle(image, 2))
        skips = []
        for level, down in zip(self.encoder, self.down, strict=False):
            skips.append(level(maps))
            maps = down(skips[-1])
        maps = self.encoder[-1](maps)
        for up, level in zip(reversed(self.up), reversed(self.decoder), strict=True):
            maps = level(_upsample(up(maps)) + skips.pop())
        return self.output(torch.cat([_upsample(self.narrow(maps)), image], dim=1))


def _upsample(image: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2 H, 2 W)."""
    return F.interpolate(image, scale_factor=2, mode="bilinear")


def _conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3×3 convolution that repeats the border; zeros would put a frame around the image."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(8, channels),
            SqueezeExcitation(channels, 8),
        )

    def forward(self, image: Tensor) -> Tensor:
        return image + self.layers(image)


def _level(channels: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(*(_Block(channels) for _ in range(blocks)))
