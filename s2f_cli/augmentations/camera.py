"""Photos as another camera might have taken them elsewhere."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from s2f_cli.augmentations._contract import Augmentation, Draw, Levels
from s2f_cli.augmentations._light import Picture, Random, grained, shaded, slope, softened
from s2f_cli.images import Domain

__all__ = ["Camera"]

_BLACK = 14
"""Levels below which a corner is no part of the photo."""


class Camera(Augmentation):
    """Faces before another backdrop, in other light and colours, gray, softer, noisier; sketches stay.

    A chance of `elsewhere` gives a photo with a plain backdrop another one: what is joined to the border and
    differs from its median colour by less than `tolerance` levels, shades counting less than hues.
    """

    def __init__(self, elsewhere: float = 0.7, tolerance: float = 42.0) -> None:
        self.elsewhere, self.tolerance = elsewhere, tolerance

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """Add a channel to a color photo: how much of each pixel is backdrop, 0 to 255."""
        if domain != "face" or len(levels) != 3:
            return levels
        share = backdrop(levels, self.tolerance)
        return np.concatenate([levels, np.round(share * 255).astype(np.uint8)[None]])

    def __call__(self, levels: Levels, draw: Draw) -> Levels:
        """The photo as it might have been; a sketch as it is."""
        if draw.domain != "face":
            return levels
        random = draw.random
        picture: Picture = levels[:3].astype(np.float32) / 255
        if len(levels) == 4 and random.random() < self.elsewhere:
            share = levels[3].astype(np.float32) / 255
            picture = picture * (1 - share) + scene(picture.shape[1], picture.shape[2], random) * share
        if random.random() < 0.8:
            picture = _lit(picture, random)
        if random.random() < 0.5:
            picture = shaded(picture, 0.5, random)
        gray = picture.mean(axis=0, keepdims=True)
        picture = gray + (picture - gray) * (0.0 if random.random() < 0.1 else random.uniform(0.6, 1.35))
        if random.random() < 0.3:
            picture = softened(picture, 1.2, random)
        if random.random() < 0.4:
            picture = grained(picture, 0.03, random)
        return (picture * 255).clip(0, 255).round().astype(np.uint8)


def _lit(picture: Picture, random: Random) -> Picture:
    """Another exposure, color of the light and contrast."""
    picture = picture.clip(0, 1) ** np.exp(random.normal(0, 0.22))
    picture = picture * np.exp(random.normal(0, 0.06, (len(picture), 1, 1)))
    middle = picture.mean()
    return np.asarray(middle + (picture - middle) * random.uniform(0.75, 1.25) + random.normal(0, 0.05))


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


def scene(height: int, width: int, random: Random) -> Picture:
    """Something to stand before, (3, height, width), about 0 to 1: a wall, a gradient, blurred shapes; often
    white or dark."""
    first, second = random.uniform(0, 1, (2, 3, 1, 1)) ** random.choice([0.3, 1.0, 1.0, 4.0])
    if random.random() < 0.35:
        second = first + random.normal(0, 0.05, (3, 1, 1))
    share = np.clip(0.5 + slope(height, width, random), 0, 1)
    ground = first * (1 - share) + second * share
    if random.random() < 0.65:
        ground = _furnished(ground, random)
    for cells in (random.integers(3, 9), random.integers(10, 40)):
        if random.random() < 0.5:
            cloud = random.normal(0, random.uniform(0.01, 0.09), (cells, cells))
            ground = ground + ndimage.zoom(cloud, (height / cells, width / cells), order=1)
    return np.asarray(ground, np.float32)


def _furnished(ground: npt.NDArray[np.float64], random: Random) -> npt.NDArray[np.float64]:
    """With boxes and ellipses, more or less out of focus."""
    _, height, width = ground.shape
    canvas = Image.fromarray((ground.clip(0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))
    pen = ImageDraw.Draw(canvas)
    for _ in range(random.integers(2, 14)):
        x, y = random.uniform(-0.2, 1.0, 2) * (width, height)
        across, down = random.uniform(0.05, 0.7, 2) * (width, height)
        draw = pen.rectangle if random.random() < 0.6 else pen.ellipse
        draw((x, y, x + across, y + down), fill=tuple(random.integers(0, 256, 3).tolist()))
    blurred = canvas.filter(ImageFilter.GaussianBlur(float(random.choice([0.6, 2.0, 5.0, 9.0]))))
    return np.asarray(blurred).transpose(2, 0, 1) / 255
