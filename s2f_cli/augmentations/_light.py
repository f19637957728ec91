"""What happens to a picture (channels, height, width) in [0, 1] on its way into a computer."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Picture = npt.NDArray[np.floating[Any]]
Random = np.random.Generator


def slope(height: int, width: int, random: Random) -> Picture:
    """(height, width) from about -0.5 to 0.5, rising in any direction."""
    direction = random.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    return np.asarray(np.cos(direction) * columns + np.sin(direction) * rows, np.float32)


def shaded(picture: Picture, most: float, random: Random) -> Picture:
    """Brighter on one side than on the other, by up to `most`."""
    return picture * (1 + random.uniform(0, most) * slope(picture.shape[1], picture.shape[2], random))


def softened(picture: Picture, most: float, random: Random) -> Picture:
    """Out of focus by a Gaussian of 0.3 to `most` pixels."""
    sigma = random.uniform(0.3, most)
    return np.asarray(ndimage.gaussian_filter(picture, (0, sigma, sigma)))


def grained(picture: Picture, most: float, random: Random) -> Picture:
    """With noise of a standard deviation of up to `most`."""
    noise = random.standard_normal(picture.shape, np.float32)
    return picture + np.float32(random.uniform(0.005, most)) * noise
