"""The eight flips and quarter-turns (report C §2, report D §IV-A)."""

import torch
from torch import Tensor

from s2f_cli.core import orientations
from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Dihedral"]


class Dihedral(Augmentation):
    """An epoch shows each image in all eight orientations."""

    turns = orientations.COUNT

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """The images in the orientation with the number `draw.turn`."""
        mirrored, quarter_turns = orientations.orientation(draw.turn)
        return torch.rot90(levels.flip(3) if mirrored else levels, quarter_turns, dims=(2, 3))
