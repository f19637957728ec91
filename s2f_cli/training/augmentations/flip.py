"""Left and right exchanged (report A §1.3)."""

import torch
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Flip"]


class Flip(Augmentation):
    """Every other image is mirrored, by chance."""

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """The images or their mirror images."""
        rows = zip(levels, draw.randoms, strict=True)
        return torch.stack([row.flip(2) if random.random() < 0.5 else row for row, random in rows])
