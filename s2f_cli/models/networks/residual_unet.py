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
    """(N, in_channels, H, W) → (N, out_channels, H, W), unbounded, meant to be in [-1, 1]; H and W multiples
    of 2^widths.

    Pixels go into channels, 2×2 at a time (Shi et al. 2016), so that the dear first level has half the side.
    Per level `blocks` residual blocks: two 3×3 convolutions with group norm, squeeze and excitation; down by
    a 2×2 convolution of stride 2; skips are added, not concatenated. Up is a 1×1 convolution and bilinear
    enlargement, which leaves no grid (Odena et al. 2016). At full size the input itself comes back beside
    `last` channels, for lines one pixel wide, through two more 3×3 convolutions.
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
        self.input = _edge_to_edge(4 * in_channels, widths[0])
        steps = list(pairwise(widths))
        self.encoder = nn.ModuleList(_level(w, n) for w, n in zip(widths, blocks, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(wide, deep, 2, stride=2) for wide, deep in steps)
        self.up = nn.ModuleList(nn.Conv2d(deep, wide, 1) for wide, deep in steps)
        self.decoder = nn.ModuleList(_level(w, n) for w, n in zip(widths[:-1], blocks, strict=False))
        self.narrow = nn.Sequential(_edge_to_edge(widths[0], last), nn.SiLU())
        self.output = nn.Sequential(
            _edge_to_edge(last + in_channels, last), nn.SiLU(), _edge_to_edge(last, out_channels)
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        made = self.input(F.pixel_unshuffle(image, 2))
        skips = []
        for level, down in zip(self.encoder, self.down, strict=False):
            skips.append(level(made))
            made = down(skips[-1])
        made = self.encoder[-1](made)
        for up, level in zip(reversed(self.up), reversed(self.decoder), strict=True):
            made = level(_twice(up(made)) + skips.pop())
        return self.output(torch.cat([_twice(self.narrow(made)), image], dim=1))


def _twice(image: Tensor) -> Tensor:
    """Twice as large."""
    return F.interpolate(image, scale_factor=2, mode="bilinear")


def _edge_to_edge(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3×3 convolution that repeats the border: beside zeros an image would get a frame."""
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
