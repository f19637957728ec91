"""The projection heads of CUT, which map patches to vectors for comparison (Park et al. 2020, §3.2)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2f_cli.models.networks import Network

__all__ = ["PatchProjector"]


class PatchProjector(Network):
    """Feature maps and pixel indices of each → unit vectors (N, indices, width) for each map.

    There is one head for each feature map of `resnet`: the image, two strided convolutions, two residual
    blocks. A head is two linear layers of `width` with a ReLU in between. `in_channels` and `features` are
    those of the generator.
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

    def forward(self, maps: Sequence[Tensor], positions: Sequence[Tensor]) -> list[Tensor]:
        """Project feature maps (N, C, H, W) at flat pixel indices, below H · W, of each map."""
        return [
            F.normalize(_at_least_float32(head(image.flatten(2)[:, :, at].mT)), dim=2)
            for head, image, at in zip(self.heads, maps, positions, strict=True)
        ]


def _at_least_float32(rows: Tensor) -> Tensor:
    """Rows that `F.normalize` can divide by at least 1e-12, which half precision rounds to 0."""
    return rows.to(torch.promote_types(rows.dtype, torch.float32))
