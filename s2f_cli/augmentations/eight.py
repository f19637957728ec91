"""The eight flips and quarter-turns (report C §2, report D §IV-A)."""

import numpy as np

from s2f_cli.augmentations._contract import Augmentation, Draw, Levels

__all__ = ["Eight"]


class Eight(Augmentation):
    """An epoch shows each image in all eight orientations."""

    turns = 8

    def __call__(self, levels: Levels, draw: Draw) -> Levels:
        """The orientation of this turn: 0 to 3 are quarter-turns, 4 to 7 those of the mirror image."""
        mirrored, quarters = divmod(draw.turn, 4)
        return np.rot90(levels[:, :, ::-1] if mirrored else levels, quarters, axes=(1, 2))
