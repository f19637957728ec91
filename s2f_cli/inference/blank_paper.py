"""Keeps the paper above a drawing empty in the face that is made from it.

In most training images hair reaches up to the edge. So a network tends to grow hair into the paper that a
freehand drawing leaves above a head. Nothing but backdrop lies above the upper convex hull of the lines.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

_SIDE = 256
"""The longer side of a drawing when its lines are looked for, in pixels: noise is averaged away."""
_PAPER = 0.95
"""The share of pixels that are at most as light as the paper."""
_INK = 24
"""By how many levels lines are darker than the paper, at least."""
_MARGIN, _SOFT = 0.01, 0.015
"""The space above the lines that is kept, and the width of the soft edge above it, by the longer side."""


def cleared(face: Image.Image, drawing: Image.Image) -> Image.Image:
    """Fill what lies above the lines of a drawing with the backdrop of the face made from it.

    The two images, `L` or `RGB`, show the same part of the scene, at any size. The backdrop is the median
    colour of that region. Nothing is changed if lines, or the shade of a photographed drawing, reach the
    upper edge.
    """
    hull = _upper_hull(drawing)
    if hull is None:
        return face
    above = _above(hull, *face.size)
    backdrop = _median(face, above.point(lambda level: 255 * (level == 255)))
    if backdrop is None:
        return face
    return Image.composite(Image.new(face.mode, face.size, backdrop), face, above)


def _median(image: Image.Image, region: Image.Image) -> tuple[int, ...] | None:
    """The median of each channel where `region` is not 0; None if it is 0 everywhere."""
    totals = np.reshape(image.histogram(region), (-1, 256)).cumsum(axis=1)
    count = int(totals[0, -1])
    return tuple(np.argmax(totals > count // 2, axis=1).tolist()) if count else None


def _upper_hull(drawing: Image.Image) -> npt.NDArray[np.float64] | None:
    """The corners (N, 2) of the upper convex hull of the lines, as (x, y) from 0 to 1; None without lines."""
    scale = min(_SIDE / max(drawing.size), 1.0)
    width, height = (max(1, round(side * scale)) for side in drawing.size)
    levels = np.asarray(drawing.convert("L").resize((width, height), Image.Resampling.BILINEAR))
    paper = int(np.sort(levels, axis=None)[int(_PAPER * (levels.size - 1))])
    ink = levels <= paper - _INK
    columns = np.flatnonzero(ink.any(axis=0))
    if not len(columns):
        return None
    hull: list[tuple[int, int]] = []
    for point in zip(columns.tolist(), ink.argmax(axis=0)[columns].tolist(), strict=True):
        while len(hull) > 1 and not _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return (np.array(hull) + np.array((0.5, 0))) / (width, height)


def _turns_down(first: tuple[int, int], second: tuple[int, int], third: tuple[int, int]) -> bool:
    """Whether the way over three points bends towards the lower edge."""
    (ax, ay), (bx, by) = [(x - first[0], y - first[1]) for x, y in (second, third)]
    return ax * by - ay * bx > 0


def _above(hull: npt.NDArray[np.float64], width: int, height: int) -> Image.Image:
    """How far each pixel lies above a hull, mode `L`: 0 below it, 255 above its margin and its soft edge."""
    x, y = (np.arange(width) + 0.5) / width, np.arange(height, dtype=np.float32) + 0.5
    side = max(width, height)
    line = (np.interp(x, *hull.T) * height - _MARGIN * side).astype(np.float32)
    shares = ((line - y[:, None]) / np.float32(_SOFT * side)).clip(0, 1)
    return Image.fromarray((255 * shares + 0.5).astype(np.uint8))
