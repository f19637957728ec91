"""The eight flips and quarter-turns (report C §2, report D §IV-A)."""

import torch
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Dihedral"]


class Dihedral(Augmentation):
    """An epoch shows each image in all eight orientations."""

    turns = 8

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """The orientation of this turn: 0 to 3 are quarter-turns, 4 to 7 those of the mirror image."""
        mirrored, quarters = divmod(draw.turn, 4)
        return torch.rot90(levels.flip(3) if mirrored else levels, quarters, dims=(2, 3))
