"""Adaptive discriminator augmentation (Karras et al. 2020, §3)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.models.networks import AdaptiveAugmentation
from s2f_cli.models.networks._augmentation import policies

__all__ = ["ADA"]


class ADA(AdaptiveAugmentation):
    """(N, C, H, W) → the same shape: each change made to each image with a chance that training adapts.

    The chance starts at 0. Where the sign of the scores of real images is above `target` on average, the
    critic knows them too well and the chance goes up, else down, by 1 in `images` real images (500 000 in the
    paper, 500 thousand being its speed for thousands of images; smaller here, for hundreds). The changes are
    DiffAugment's (Zhao et al. 2020) in place of the paper's eighteen. The chance is part of a training's
    state.

    Raises ValueError for a policy that is none of color, translation and cutout.
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
            for change in self.policy:
                chosen = torch.rand(len(images), 1, 1, 1, device=images.device) < self.chance
                images = torch.where(chosen, change(images), images)
        return images

    @torch.no_grad()
    def observe(self, scores: Tensor) -> None:
        """Adapt the chance to a critic's scores of real images (N, …), from the middle of its game on."""
        scores = distributed.all_gather(scores)
        step = torch.sign(scores.float().sign().mean() - self.target) * len(scores) / self.images
        self.chance.copy_((self.chance + step).clamp(0, 1))
