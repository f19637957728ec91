"""Which part of a photo is plain backdrop; slow, but asked only once an image."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from s2f_cli.training.augmentations._contract import Levels

_BLACK = 14
"""Levels below which a corner is no part of the photo."""


def backdrop(levels: Levels, tolerance: float) -> npt.NDArray[np.float32]:
    """How much of each pixel of a photo (3, height, width) is plain backdrop: (height, width) in [0, 1]."""
    picture = ndimage.gaussian_filter(levels.astype(np.float32), (0, 1, 1))
    height = picture.shape[1]
    sides = [picture[:, :2], picture[:, : height // 3, :2], picture[:, : height // 3, -2:]]
    border = np.concatenate([side.reshape(3, -1) for side in sides], axis=1)
    away = picture - np.median(border, axis=1)[:, None, None]
    shade = away.mean(axis=0)
    near = np.sqrt(((away - shade) ** 2).sum(axis=0) + 0.5 * shade**2) < tolerance
    near |= _black_corners(picture)
    seeds = np.zeros_like(near)
    seeds[0], seeds[: height // 2, 0], seeds[: height // 2, -1] = True, True, True
    ground = ndimage.binary_propagation(seeds & near, mask=near)
    ground = ndimage.binary_dilation(ndimage.binary_opening(ground))
    return np.asarray(ndimage.gaussian_filter(ground.astype(np.float32), 1.0))


def _black_corners(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """What is black and joined to a corner, as turning a photo leaves it, with the soft edge around it."""
    black = picture.max(axis=0) < _BLACK
    corners = np.zeros_like(black)
    corners[0, 0] = corners[0, -1] = corners[-1, 0] = corners[-1, -1] = True
    found = ndimage.binary_propagation(corners & black, mask=black)
    return np.asarray(ndimage.binary_dilation(found, iterations=4))
