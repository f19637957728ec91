"""The eight flips and quarter-turns of a square, the dihedral group D4 (report C §2, report D §IV-A)."""

import torch
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw

__all__ = ["Dihedral"]


class Dihedral(Augmentation):
    """Shows each image in all eight orientations per epoch."""

    variants = 8
    moves_pixels = True

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Turn the images: variants 0 to 3 are quarter-turns, 4 to 7 those of the mirror image."""
        mirrored, quarter_turns = divmod(draw.variant, 4)
        return torch.rot90(levels.flip(3) if mirrored else levels, quarter_turns, dims=(2, 3))
