"""Draws Quick, Draw! strokes at any size, by the rule of Google's 28×28 bitmaps.

The rule is in the quickdraw-dataset repository (issue 19): the drawing is centred in a square of 256 with a
margin of 16 plus half a line width on every side; lines have round ends and are antialiased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

Stroke = tuple[tuple[float, ...], tuple[float, ...]]
"""The x and the y coordinates of its points, 0 to 255."""

_SQUARE = 256.0
_MARGIN = 16.0
_POINTS = 20_000


@dataclass(frozen=True)
class StrokeStyle:
    """The size, line width and colours of a drawing."""

    side: int
    """Of the image, in pixels."""
    line: float
    """Line width in 256ths of the drawing."""
    white_on_black: bool


def checked(drawing: Any) -> tuple[Stroke, ...]:
    """The strokes of a simplified drawing in JSON; raises ValueError if it is malformed or too long."""
    if not isinstance(drawing, list) or not drawing:
        raise ValueError("it has no strokes")
    strokes = []
    for stroke in drawing:
        if not isinstance(stroke, list) or len(stroke) < 2:
            raise ValueError("a stroke is not a list of x and a list of y")
        xs, ys = (tuple(float(value) for value in values) for values in stroke[:2])
        if not xs or len(xs) != len(ys) or not all(0 <= value <= _SQUARE for value in (*xs, *ys)):
            raise ValueError("the points of a stroke are not pairs from 0 to 255")
        strokes.append((xs, ys))
    if sum(len(xs) for xs, _ in strokes) > _POINTS:
        raise ValueError("it has too many points")
    return tuple(strokes)


def draw(strokes: Sequence[Stroke], style: StrokeStyle) -> Image.Image:
    """Draw strokes as a gray image (`L`) of `side` × `side` pixels, supersampled."""
    oversampling = 8 if style.side <= 64 else 4
    scale = style.side * oversampling / (_SQUARE + 2 * _MARGIN + style.line)
    rim = _MARGIN + style.line / 2
    left = (_SQUARE - max(max(xs) for xs, _ in strokes)) / 2 + rim
    top = (_SQUARE - max(max(ys) for _, ys in strokes)) / 2 + rim
    ground, ink = (0, 255) if style.white_on_black else (255, 0)
    canvas = Image.new("L", (style.side * oversampling, style.side * oversampling), ground)
    pen = ImageDraw.Draw(canvas)
    radius = style.line / 2 * scale
    for xs, ys in strokes:
        points = [((x + left) * scale, (y + top) * scale) for x, y in zip(xs, ys, strict=True)]
        pen.line(points, fill=ink, width=max(round(2 * radius), 1))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return canvas.resize((style.side, style.side), Image.Resampling.BOX)
