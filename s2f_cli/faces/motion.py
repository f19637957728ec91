"""How far a face has moved from a frame to the next, measured on its pixels to a fraction of one.

B. D. Lucas, T. Kanade: An Iterative Image Registration Technique with an Application to Stereo Vision,
IJCAI 1981.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.faces.geometry import Point

_SIDE = 64
"""The side of the copies of a face that are compared, in pixels; their noise is averaged."""
_STEPS = 5
_FAR = 0.1
"""The largest movement that is measured, as a share of the width of the face."""

Box = tuple[float, float, float, float]


def movement(before: Image.Image, after: Image.Image, box: Box) -> Point:
    """The movement of what a box (left, top, right, bottom) shows in `before`, in pixels; frames of mode `L`.

    (0, 0) if it is too large to be measured, or if the box reaches beyond the frame.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    start = _copy(before, box)
    if start is None:
        return 0.0, 0.0
    down, across = np.gradient(start)
    slopes = np.stack([across.ravel(), down.ravel()], axis=1)
    x, y = 0.0, 0.0
    for _ in range(_STEPS):
        copy = _copy(after, (box[0] + x, box[1] + y, box[2] + x, box[3] + y))
        if copy is None:
            return 0.0, 0.0
        step = np.linalg.lstsq(slopes, (start - copy).ravel(), rcond=None)[0]
        x, y = x + float(step[0]) * width / _SIDE, y + float(step[1]) * height / _SIDE
        if max(abs(x), abs(y)) > _FAR * width:
            return 0.0, 0.0
    return x, y


def _copy(frame: Image.Image, box: Box) -> npt.NDArray[np.float64] | None:
    if box[0] < 0 or box[1] < 0 or box[2] > frame.width or box[3] > frame.height:
        return None
    return np.asarray(frame.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, box=box), np.float64)
