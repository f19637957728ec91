"""Adds the detail of twice the size to a translation (as LAPGAN: Denton et al. 2015, §3.2)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._film import ConditionCode, Film, FilmLevel, NormalisedConv2d

__all__ = ["ResidualRefiner"]


class ResidualRefiner(Network):
    """(N, in_channels, H, W) → (N, out_channels, H, W), unbounded, trained towards [-1, 1].

    H and W are even. The channels are those of the source, then `conditions` constant planes, then the
    `out_channels` of an enlarged translation; the result is that translation plus what the network adds.

    The body is that of EDSR (Lim et al. 2017, §3.2), at half the size after a pixel-unshuffle (Shi et al.
    2016): `blocks` residual blocks of `features` channels without norms, each given the conditions by FiLM
    (Perez et al. 2018). At full resolution the input is concatenated to `last` channels and passes two more
    3×3 convolutions. A pixel depends only on those less than 2 (2 `blocks` + 3) pixels away, so large images
    can be refined in tiles.
    """

    multiple = 2

    def __init__(
        self,
        in_channels: int = 6,
        out_channels: int = 3,
        conditions: int = 0,
        features: int = 32,
        blocks: int = 5,
        last: int = 16,
        code: int = 32,
    ) -> None:
        super().__init__()
        self.conditions, self.out_channels = conditions, out_channels
        code = code if conditions else 0
        channels = in_channels - conditions
        self.code = ConditionCode(conditions, code) if code else nn.Identity()
        self.input = NormalisedConv2d(4 * channels, features, padding_mode="replicate")
        self.blocks = FilmLevel(blocks, features, code, squeeze=False)
        self.narrow = NormalisedConv2d(features, last, padding_mode="replicate")
        self.mix = NormalisedConv2d(last + channels, last, padding_mode="replicate", gain=1.7)
        self.film = Film(code, last) if code else None
        self.output = NormalisedConv2d(last, out_channels, padding_mode="replicate", gain=0.1)

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H, W)."""
        source_channels = image.shape[1] - self.conditions - self.out_channels
        source, planes, coarse = image.split((source_channels, self.conditions, self.out_channels), dim=1)
        code, image = self.code(planes[:, :, 0, 0]), torch.cat([source, coarse], dim=1)
        maps = self.blocks(self.input(F.pixel_unshuffle(image, 2)), code)
        maps = F.interpolate(F.silu(self.narrow(maps)), scale_factor=2, mode="bilinear")
        maps = self.mix(torch.cat([maps, image], dim=1))
        return coarse + self.output(F.silu(maps if self.film is None else self.film(maps, code)))
