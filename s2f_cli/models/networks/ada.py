"""Adaptive discriminator augmentation (Karras et al. 2020, §3)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.models.networks import AdaptiveAugmentation
from s2f_cli.models.networks._augmentation import policies

__all__ = ["ADA"]


class ADA(AdaptiveAugmentation):
    """(N, C, H, W) → the same shape: augments each image with a probability that training adapts.

    The probability starts at 0. If the mean sign of the scores of real images is above `target`, the critic
    is overfitting and the probability rises; otherwise it falls. It moves from 0 to 1 within `images` real
    images. (The paper's 500 000 suits data sets of thousands of images; the default here suits hundreds.) The
    augmentations are those of DiffAugment (Zhao et al. 2020) instead of the paper's eighteen. The probability
    is saved with the training state.

    Raises ValueError for a policy other than color, translation and cutout.
    """

    chance: Tensor

    def __init__(
        self,
        policy: Sequence[str] = ("color", "translation", "cutout"),
        target: float = 0.6,
        images: int = 50_000,
    ) -> None:
        super().__init__()
        self.policy, self.target, self.images = policies(list(policy)), target, images
        self.register_buffer("chance", torch.zeros(()))

    def forward(self, images: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        if self.training:
            for augment in self.policy:
                chosen = torch.rand(len(images), 1, 1, 1, device=images.device) < self.chance
                images = torch.where(chosen, augment(images), images)
        return images

    @torch.no_grad()
    def observe(self, scores: Tensor) -> None:
        """Adapt the probability to the scores (N, …) of real images, shifted so that 0 is the boundary."""
        scores = distributed.all_gather(scores)
        step = torch.sign(scores.float().sign().mean() - self.target) * len(scores) / self.images
        self.chance.copy_((self.chance + step).clamp(0, 1))
