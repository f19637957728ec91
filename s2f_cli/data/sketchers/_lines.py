"""The lines of a photo as paths: ridges of darkness, thinned and traced.

The darkness of a line is measured as in Kang, Lee and Chui, "Coherent line drawing", NPAR 2007: by a
difference of Gaussians across the line, averaged along it. The filters here are straight, in eight
directions.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage
from skimage.filters import apply_hysteresis_threshold
from skimage.morphology import skeletonize

_DIRECTIONS = 8
_RIM = 16
_FAINT = 0.05
"""Darkness below this is noise on an even surface."""
_LOOK_BACK = 5
"""The number of steps from which a path takes its direction."""

Levels = npt.NDArray[np.float32]
Path = npt.NDArray[np.floating]
"""Points (N, 2) in pixels: x and y."""
_Point = tuple[int, int]

_OFFSETS = sorted(((y, x) for y in range(-3, 4) for x in range(-3, 4)), key=lambda to: math.hypot(*to))
_NEAR, _BEYOND = _OFFSETS[1:9], _OFFSETS[9:]
"""From a pixel to its eight neighbours, and to those two or three away."""


def evenly_lit(light: npt.NDArray[np.floating]) -> Levels:
    """Divide light levels in [0, 1] by those around, and smooth them without their edges (guided filter).

    He, Sun and Tang, "Guided image filtering", ECCV 2010, with the image as its own guide, twice.
    """
    flat = 0.6 * (light + 0.15) / (_blurred(light, 49) + 0.15)
    for _ in range(2):
        mean = ndimage.uniform_filter(flat, 7)
        variance = np.maximum(ndimage.uniform_filter(flat * flat, 7) - mean * mean, 0)
        kept = variance / (variance + 0.003)
        flat = ndimage.uniform_filter(kept, 7) * flat + ndimage.uniform_filter((1 - kept) * mean, 7)
    return flat


def darkness(flat: Levels, scale: float) -> Levels:
    """How much darker each point is than both sides of a line through it, relative to the lines around.

    `scale` is the standard deviation of the finer of two filters, in pixels; the other has twice that.
    """
    padded = np.pad(flat, _RIM, mode="symmetric")
    shape = [fft.next_fast_len(n, real=True) for n in padded.shape]
    spectrum = fft.rfft2(padded, shape)
    y = fft.fftfreq(shape[0]).astype(np.float32)[:, None]
    x = fft.rfftfreq(shape[1]).astype(np.float32)[None]
    found = np.zeros(shape, np.float32)
    for angle in np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS:
        across = 2 * np.pi**2 * (x * np.cos(angle) + y * np.sin(angle)) ** 2
        along = 2 * np.pi**2 * (x * np.sin(angle) - y * np.cos(angle)) ** 2
        band = sum(
            weight * (np.exp(-across * (1.6 * s) ** 2 - far) - np.exp(-across * s**2 - far))
            for s, weight in ((scale, 1.0), (2 * scale, 1.0))
            for far in [along * (2.2 * s) ** 2]
        )
        np.maximum(found, fft.irfft2(spectrum * band, shape), out=found)
    found = found[_RIM : _RIM + flat.shape[0], _RIM : _RIM + flat.shape[1]]
    around = np.sqrt(_blurred(found**2, 41))
    return found / (around + 0.12 * around.max() + 0.004)


def ridges(dark: Levels, share: float, shortest: float) -> Iterator[Path]:
    """Yield the paths along the darkest lines; their darkest parts cover `share` of the image.

    `shortest` is the length of the shortest path, in pixels; darker paths may be shorter.
    """
    top = max(float(np.quantile(dark, 1 - share)), _FAINT)
    for path in _traced(skeletonize(apply_hysteresis_threshold(dark, 0.5 * top, top))):
        rows, columns = path.T
        if dark[rows, columns].sum() >= top * shortest:
            yield path[:, ::-1] + 0.5


def _blurred(levels: npt.NDArray[np.floating], side: int) -> Levels:
    return ndimage.uniform_filter(ndimage.uniform_filter(levels, side), side)


def _traced(skeleton: npt.NDArray[np.bool_]) -> Iterator[npt.NDArray[np.int64]]:
    """Yield paths of pixels (N, 2), row and column, that cover a skeleton and go straight on at crossings."""
    free = {(row, column) for row, column in np.argwhere(skeleton).tolist()}
    ends = sorted(point for point in free if len(_around(point, free, _NEAR)) == 1)
    for start in [*ends, *sorted(free)]:
        if start not in free:
            continue
        free.remove(start)
        path = [start]
        for _ in range(2):
            while (step := _next(path, free)) is not None:
                free.remove(step)
                path.append(step)
            path.reverse()
        yield np.array(path)


def _next(path: list[_Point], free: set[_Point]) -> _Point | None:
    """The free pixel that continues a path most nearly straight; None if there is none, or all turn back.

    It is a neighbour, or beyond a line that crosses.
    """
    y, x = path[-1]
    back_y, back_x = path[-1 - _LOOK_BACK :][0]

    def ahead(point: _Point) -> float:
        """The cosine of the turn, times the length of the path looked at."""
        down, across = point[0] - y, point[1] - x
        return (down * (y - back_y) + across * (x - back_x)) / math.hypot(down, across)

    begun = len(path) > _LOOK_BACK
    best = max(_around(path[-1], free, _NEAR), key=ahead, default=None)
    if best is not None and (not begun or ahead(best) >= 0):
        return best
    best = max(_around(path[-1], free, _BEYOND), key=ahead, default=None) if begun else None
    return best if best is not None and ahead(best) > 0.9 * math.hypot(y - back_y, x - back_x) else None


def _around(point: _Point, free: set[_Point], offsets: list[_Point]) -> list[_Point]:
    y, x = point
    return [near for down, across in offsets if (near := (y + down, x + across)) in free]
