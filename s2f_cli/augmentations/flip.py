"""Left and right exchanged (report A §1.3)."""

from s2f_cli.augmentations._contract import Augmentation, Draw, Levels

__all__ = ["Flip"]


class Flip(Augmentation):
    """Every other image is mirrored, by chance."""

    def __call__(self, levels: Levels, draw: Draw) -> Levels:
        """The image or its mirror image."""
        return levels[:, :, ::-1] if draw.random.random() < 0.5 else levels
