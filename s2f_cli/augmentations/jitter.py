"""Images turned, scaled and moved a little (as pix2pix's jitter: Isola et al. 2017, appendix 6.2)."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from s2f_cli.augmentations._contract import Augmentation, Draw, Levels

__all__ = ["Jitter"]

_MARGIN = 0.3
"""The part of the square's side by which borders are mirrored outwards."""


class Jitter(Augmentation):
    """A square out of the whole image, turned by up to `degrees`, scaled within `scale`, anywhere.

    Borders are mirrored. With `window` the square has that many pixels, else as many as training images: a
    fully convolutional network can learn on windows that cost less than images. Raises ValueError when the
    scale is not a low and a high number above 0, or the degrees are not 0 to 45.
    """

    whole = True

    def __init__(
        self, degrees: float = 8.0, scale: Sequence[float] = (0.9, 1.25), window: int | None = None
    ) -> None:
        if len(scale) != 2 or not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale is a low and a high number above 0, not {list(scale)}")
        if not 0 <= degrees <= 45:
            raise ValueError(f"degrees are 0 to 45, not {degrees}")
        self.degrees, self.scale, self.side = degrees, tuple(scale), window

    def __call__(self, levels: Levels, draw: Draw) -> Levels:
        """(channels, height, width) → (channels, side, side)."""
        random, side = draw.random, self.side or draw.size
        angle = np.deg2rad(random.uniform(-self.degrees, self.degrees))
        scale = np.exp(random.uniform(*np.log(self.scale)))
        extent = np.array(levels.shape[:0:-1])
        reach = np.maximum(extent - side / scale, 0) / 2 + 0.04 * side
        centre = extent / 2 + random.uniform(-1, 1, 2) * reach
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        margin = int(_MARGIN * side)
        start = centre + margin - turn @ np.array([side / 2, side / 2])
        padded = np.pad(levels, ((0, 0), (margin, margin), (margin, margin)), mode="symmetric")
        affine = (*turn[0], start[0], *turn[1], start[1])
        how = Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC
        return np.stack(
            [np.asarray(Image.fromarray(channel).transform((side, side), *how)) for channel in padded]
        )
