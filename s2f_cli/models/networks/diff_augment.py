"""DiffAugment: a critic that never sees an image as it is does not learn a small set by heart (Zhao et al.
2020).
"""

from collections.abc import Sequence

from torch import Tensor

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._augmentation import policies

__all__ = ["DiffAugment"]


class DiffAugment(Network):
    """(N, C, H, W) → the same shape: colours, place and a hole changed at random, in training only.

    For the option `augment` of a critic. Gradients pass through, so generators are told what to do too.
    Raises ValueError for a policy that is none of color, translation and cutout.
    """

    def __init__(self, policy: Sequence[str] = ("color", "translation", "cutout")) -> None:
        super().__init__()
        self.policy = policies(list(policy))

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        if self.training:
            for change in self.policy:
                images = change(images)
        return images
