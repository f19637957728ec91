"""Draws a sheet for checking alignment: each photo with its landmarks, beside its aligned face."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from s2f_cli.core import contact_sheet, images
from s2f_cli.core.errors import ImageError
from s2f_cli.faces.geometry import Point, Transform

_POINTS = ("left_corner", "right_corner", "left_eye", "right_eye", "nose")
_COLOURS = ("red", "red", "lime", "lime", "yellow")


def preview(records: Sequence[dict[str, Any]], side: int = 192, pairs_in_a_row: int = 4) -> Image.Image:
    """Draw a sheet of photos and aligned faces with their landmarks, from records of `align.align_file`.

    Outer eye corners are red, eye centres green, the nose yellow. Images are at most `side` pixels large, and
    files that no longer exist are skipped. Raises ImageError if none is left.
    """
    cells = []
    for record in records:
        try:
            photo, face = images.read(Path(record["source"])), images.read(Path(record["file"]))
        except ImageError:
            continue
        points = [record[name] for name in _POINTS if record[name] is not None]
        there = Transform(tuple(record["matrix"]), record["width"], record["height"])
        cells += [
            _marked(photo, points, side, record["box"]),
            _marked(face, [there(p) for p in points], side),
        ]
    if not cells:
        raise ImageError(
            "none of the aligned faces exist any more, so there is no preview", "align them again"
        )
    row = 2 * pairs_in_a_row
    return contact_sheet.grid([cells[first : first + row] for first in range(0, len(cells), row)])


def _marked(image: Image.Image, points: Sequence[Point], side: int, box: Sequence[float] = ()) -> Image.Image:
    """Shrink or enlarge an image into a square of `side` pixels, and draw points and a box on it."""
    scale = min(side / image.width, side / image.height)
    marked = ImageOps.contain(image.convert("RGB"), (side, side))
    pen = ImageDraw.Draw(marked)
    if box:
        pen.rectangle([value * scale for value in box], outline="lime")
    for (x, y), colour in zip(points, _COLOURS, strict=False):
        middle = (x * scale, y * scale)
        pen.ellipse([middle[0] - 2, middle[1] - 2, middle[0] + 2, middle[1] + 2], fill=colour)
    return marked
