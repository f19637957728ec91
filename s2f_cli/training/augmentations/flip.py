"""Horizontal flips (report A §1.3)."""

import torch
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Flip"]


class Flip(Augmentation):
    """Mirrors each image with probability ½."""

    moves_pixels = True

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Mirror some of the images."""
        rows = zip(levels, draw.generators, strict=True)
        return torch.stack([row.flip(2) if generator.random() < 0.5 else row for row, generator in rows])
