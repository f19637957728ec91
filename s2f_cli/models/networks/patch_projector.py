"""The heads that CUT compares patches through (Park et al. 2020, §3.2)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network

__all__ = ["PatchProjector"]


class PatchProjector(Network):
    """Feature maps, and places in each → (N, places, width) vectors of length 1 for each map.

    A head of two linear layers of `width` and a ReLU for each of the maps of `resnet`: the image, the two
    strided convolutions, two residual blocks. `in_channels` and `features` are those of the generator.
    """

    def __init__(self, in_channels: int = 3, features: int = 64, width: int = 256) -> None:
        super().__init__()
        channels = [in_channels, 2 * features, *[4 * features] * 3]
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width)) for inputs in channels
        )
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.02)
                nn.init.zeros_(module.bias)

    def forward(self, maps: Sequence[Tensor], places: Sequence[Tensor]) -> list[Tensor]:
        """Maps (N, C, H, W), and for each the places as numbers below H · W."""
        return [
            F.normalize(_full(head(image.flatten(2)[:, :, at].mT)), dim=2)
            for head, image, at in zip(self.heads, maps, places, strict=True)
        ]


def _full(rows: Tensor) -> Tensor:
    """In float32 at least: a row of zeros has no length in half precision, not even 1e-12."""
    return rows.to(torch.promote_types(rows.dtype, torch.float32))
