"""What an augmentation is: it changes the images of a batch, on the device that trains."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from s2f_cli.core.images import Domain

Levels = npt.NDArray[np.uint8]
"""(channels, height, width), 0 to 255."""


@dataclass(frozen=True)
class Draw:
    """Rows of a batch: the domain, the square's side in pixels, which of the `turns`, and chance.

    Each row has a generator in `randoms`, which starts equal for both images of a pair, so that what moves
    one moves the other alike. It draws in the processor, whatever the device, and alone decides what happens.
    """

    domain: Domain
    size: int
    turn: int
    randoms: Sequence[np.random.Generator]


class Augmentation:
    """Leaves images as they are, once an epoch; a part overrides what it changes."""

    turns: int = 1
    """As how many images an epoch shows each one."""
    whole: bool = False
    """It is given the whole image, the short side as training wants it, and cuts the square out itself."""
    side: int | None = None
    """Pixels of the squares it makes, where they are not those of the recipe."""

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """An image before it is kept in memory; may add channels that the call takes away."""
        return levels

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Images of one shape, uint8 (rows, channels, height, width), as these rows show them."""
        return levels
