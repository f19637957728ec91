"""Finds the plain backdrop of a photo. It is slow, so it runs once for each image."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from s2f_cli.training.augmentations._contract import Levels

_BLACK = 14
"""Level, 0 to 255, below which a corner is padding and not part of the photo."""


def backdrop_mask(levels: Levels, tolerance: float) -> npt.NDArray[np.float32]:
    """Return the mask of the plain backdrop of a photo (3, height, width): (height, width) in [0, 1].

    The backdrop is connected to the border, and differs from the border's median colour by less than
    `tolerance` levels; differences in brightness count less than those in hue.
    """
    image = ndimage.gaussian_filter(levels.astype(np.float32), (0, 1, 1))
    height = image.shape[1]
    strips = [image[:, :2], image[:, : height // 3, :2], image[:, : height // 3, -2:]]
    border = np.concatenate([strip.reshape(3, -1) for strip in strips], axis=1)
    difference = image - np.median(border, axis=1)[:, None, None]
    brightness = difference.mean(axis=0)
    similar = np.sqrt(((difference - brightness) ** 2).sum(axis=0) + 0.5 * brightness**2) < tolerance
    similar |= _black_corners(image)
    seeds = np.zeros_like(similar)
    seeds[0], seeds[: height // 2, 0], seeds[: height // 2, -1] = True, True, True
    mask = ndimage.binary_propagation(seeds & similar, mask=similar)
    mask = ndimage.binary_dilation(ndimage.binary_opening(mask))
    return np.asarray(ndimage.gaussian_filter(mask.astype(np.float32), 1.0))


def _black_corners(image: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Return the mask of black corners, as rotating a photo leaves them, with their soft edges."""
    black = image.max(axis=0) < _BLACK
    seeds = np.zeros_like(black)
    seeds[0, 0] = seeds[0, -1] = seeds[-1, 0] = seeds[-1, -1] = True
    corners = ndimage.binary_propagation(seeds & black, mask=black)
    return np.asarray(ndimage.binary_dilation(corners, iterations=4))
