"""The contract of augmentations: they change the images of a batch, on the device that trains."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from s2f_cli.models.domains import Domain

Levels = npt.NDArray[np.uint8]
"""An image (channels, height, width), 0 to 255."""


@dataclass(frozen=True)
class Draw:
    """All that the augmentation of a batch depends on, besides the images.

    domain       domain of the images
    side         side of the square training images in pixels
    variant      which of the augmentation's `variants` to show, from 0
    generators   a random generator for each row; both images of a pair get generators in the same
                 state, so they are augmented alike

    Generators draw on the CPU, whatever the device, and are the only source of randomness.
    """

    domain: Domain
    side: int
    variant: int
    generators: Sequence[np.random.Generator]


class Augmentation:
    """Base class of augmentations; it changes nothing. A subclass sets fields and overrides methods."""

    variants: int = 1
    """Variants of each image per epoch."""
    takes_whole_image: bool = False
    """Whether it takes whole images, scaled so that the short side is `Draw.side`, and crops them itself."""
    moves_pixels: bool = False
    """Whether it moves pixels, as a crop or a flip does. It is then also applied to masks of the images,
    uint8 (rows, masks, height, width), with generators in the same state, and must move them alike."""
    output_side: int | None = None
    """Side of the squares it returns in pixels; None if they have the size that the recipe names."""

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """Prepare an image once, before it is cached.

        May add channels at the end. The call then finds them behind the channels of the image, because the
        parts before it have removed their own, and removes them. Those behind them belong to later parts.
        """
        return levels

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Augment images of one shape, uint8 (rows, channels, height, width), and leave the input as it is.

        Returns uint8 (rows, channels, side, side), without the channels that `prepare` added. The result of
        a row must not depend on the other rows.
        """
        return levels
