"""DiffAugment: augmenting all images a critic sees keeps it from overfitting a small data set.

Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training".
"""

from collections.abc import Sequence

from torch import Tensor

from s2f_cli.models.networks import Network
from s2f_cli.models.networks._augmentation import policies

__all__ = ["DiffAugment"]


class DiffAugment(Network):
    """(N, C, H, W) → the same shape: random changes of colour and position and a random hole, in training.

    A value for the option `augment` of a critic. The changes are differentiable, so the generators' gradients
    pass through them.

    Raises ValueError for a policy other than color, translation and cutout.
    """

    def __init__(self, policy: Sequence[str] = ("color", "translation", "cutout")) -> None:
        super().__init__()
        self.policy = policies(list(policy))

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        if self.training:
            for augment in self.policy:
                images = augment(images)
        return images
