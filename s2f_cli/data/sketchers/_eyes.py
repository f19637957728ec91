"""Where the eyes of a portrait probably are: two equal dark spots beside each other, without a detector."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

_SCALES = (1.7, 2.5, 3.7)
"""Standard deviations of the filters for spots, in pixels; eyes are 7 to 22 times as far apart."""
_SPOTS = 24
"""The number of spots of each scale that may be eyes."""
_LIKELY = 0.015
"""The least score of a pair; wrong pairs are mostly below."""


@dataclass(frozen=True)
class Eyes:
    """The places of two eyes, in pixels."""

    left: tuple[float, float]
    """x and y."""
    right: tuple[float, float]

    @property
    def distance(self) -> float:
        """From one to the other."""
        return float(np.hypot(self.right[0] - self.left[0], self.right[1] - self.left[1]))


def find_eyes(light: npt.NDArray[np.float32]) -> Eyes | None:
    """Find the eyes in light levels (H, W) of an evenly lit portrait; None if no two spots look like eyes.

    Spots are maxima of the determinant of the Hessian (Lindeberg, "Feature detection with automatic scale
    selection", IJCV 1998). The best pair is dark, level and near the image's centre, and one eye mirrors the
    other.
    """
    height, width = light.shape
    best, found = _LIKELY, None
    for scale in _SCALES:
        spots = sorted(_spots(light, scale), key=lambda spot: spot[1])
        for (strength, x, y), (other, to_x, to_y) in itertools.combinations(spots, 2):
            across, down = to_x - x, to_y - y
            if not 7 * scale < across < 22 * scale or abs(down) > across / 4:
                continue
            place = ((x + to_x) / 2 / width - 0.5) ** 2 + ((y + to_y) / 2 / height - 0.47) ** 2
            likely = np.exp(-place / 0.034 - (down / across / 0.17) ** 2)
            score = min(strength, other) * likely
            if score > best:
                score *= _alikeness(light, (x, y), (to_x, to_y), round(0.22 * across) + 2)
                if score > best:
                    best, found = score, Eyes((x + 0.5, y + 0.5), (to_x + 0.5, to_y + 0.5))
    return found


def _spots(light: npt.NDArray[np.float32], scale: float) -> list[tuple[float, int, int]]:
    """The strongest dark round spots: strength, x and y."""
    smooth = ndimage.gaussian_filter(light, scale)
    down, across = np.gradient(smooth)
    xx, (yy, xy) = np.gradient(across, axis=1), np.gradient(down)
    roundness = scale**2 * np.sqrt(np.maximum(xx * yy - xy**2, 0)) * (xx + yy > 0)
    ys, xs = np.nonzero((roundness == ndimage.maximum_filter(roundness, 7)) & (roundness > 0))
    strongest = np.argsort(-roundness[ys, xs], kind="stable")[:_SPOTS]
    return [(float(roundness[ys[i], xs[i]]), int(xs[i]), int(ys[i])) for i in strongest]


def _alikeness(
    light: npt.NDArray[np.float32], left: tuple[int, int], right: tuple[int, int], radius: int
) -> float:
    """How well the square around one point mirrors that around another: a correlation; 0 at the border."""
    one, two = (
        light[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1]
        for x, y in (left, right)
    )
    side = 2 * radius + 1
    if one.shape != (side, side) or two.shape != one.shape or not one.std() or not two.std():
        return 0.0
    return max(float(np.corrcoef(one.ravel(), two[:, ::-1].ravel())[0, 1]), 0.0)
