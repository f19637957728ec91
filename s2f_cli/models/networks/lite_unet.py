"""A U-Net on an EfficientNet-Lite0 encoder that is given conditions, small and quick on a laptop."""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._film import ConditionCode, Film, FilmLevel, NormalisedConv2d
from s2f_cli.models.pretrained.efficientnet_lite0 import EfficientNetLite0

__all__ = ["LiteUNet"]

_TAPS = (1, 2, 3, 5, 7)
"""The stages of the encoder whose maps the decoder takes: 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
_CHANNELS = (16, 24, 40, 112, 320)
_DEVIATIONS = (13.0, 13.0, 8.0, 4.0, 1.65)
"""Standard deviations of these maps, for ImageNet's weights and photos of faces."""


class LiteUNet(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W), unbounded, trained towards [-1, 1].

    H and W are multiples of 32. The last `conditions` of the input's channels are constant planes; their
    values are the condition vector. The other channels, 1 or 3, are the image.

    The encoder is EfficientNet-Lite0 (Tan and Le 2019) with its norms folded into the convolutions; it starts
    from `weights`, as the backbone of the loss `perceptual` does. The decoder (Ronneberger et al. 2015) has
    `blocks` residual blocks of `widths` channels at 1/2 to 1/32 of the size, without norms, each given the
    conditions by FiLM (Perez et al. 2018) through a small network with `code` units. At full resolution the
    image is concatenated to `last` channels and passes two more 3×3 convolutions, for lines one pixel wide.
    """

    multiple = 32

    def __init__(
        self,
        in_channels: int = 3,
        out_channels: int = 3,
        conditions: int = 0,
        widths: Sequence[int] = (24, 48, 96, 160, 192),
        blocks: Sequence[int] = (1, 1, 1, 1, 2),
        last: int = 16,
        code: int = 64,
        weights: str = "imagenet",
    ) -> None:
        super().__init__()
        self.conditions = conditions
        code = code if conditions else 0
        image_channels = in_channels - conditions
        self.encoder = EfficientNetLite0(weights, norms=False)
        self.code = ConditionCode(conditions, code) if code else nn.Identity()
        self.lateral = nn.ModuleList(
            NormalisedConv2d(*pair, 1) for pair in zip(_CHANNELS, widths, strict=True)
        )
        self.up = nn.ModuleList(NormalisedConv2d(deep, wide, 1) for wide, deep in pairwise(widths))
        self.decoder = nn.ModuleList(
            FilmLevel(count, width, code) for width, count in zip(widths, blocks, strict=True)
        )
        self.narrow = NormalisedConv2d(widths[0], last, padding_mode="replicate")
        self.mix = NormalisedConv2d(last + image_channels, last, padding_mode="replicate", gain=1.7)
        self.film = Film(code, last) if code else None
        self.output = NormalisedConv2d(last, out_channels, padding_mode="replicate")

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        image, planes = image.split((image.shape[1] - self.conditions, self.conditions), dim=1)
        code = self.code(planes[:, :, 0, 0])
        maps = self._decode(self.encoder.features(image, max(_TAPS) + 1), code)
        maps = self.mix(torch.cat([_double(F.silu(self.narrow(maps))), image], dim=1))
        return self.output(F.silu(maps if self.film is None else self.film(maps, code)))

    def _decode(self, features: list[Tensor], code: Tensor) -> Tensor:
        """The maps of the top level, at half the size, from those of the encoder."""
        inputs = [
            lateral(features[tap] / deviation)
            for lateral, tap, deviation in zip(self.lateral, _TAPS, _DEVIATIONS, strict=True)
        ]
        maps = self.decoder[-1](inputs.pop(), code)
        for up, level in zip(reversed(self.up), reversed(self.decoder[:-1]), strict=True):
            maps = level(_double(up(maps)) + inputs.pop(), code)
        return maps


def _double(image: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2 H, 2 W)."""
    return F.interpolate(image, scale_factor=2, mode="bilinear")
