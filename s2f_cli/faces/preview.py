"""A sheet that shows what the aligner saw: each photo with its landmarks, and the face cut out of it."""

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
    """A sheet of photos and aligned faces from records of `aligning.align_file`, with their landmarks drawn.

    Outer corners of the eyes are red, their middles green, the nose yellow. A file that is gone is passed
    over. Raises ImageError when all are.
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
        raise ImageError("none of the aligned faces is there any more, so there is nothing to preview")
    row = 2 * pairs_in_a_row
    return contact_sheet.grid([cells[first : first + row] for first in range(0, len(cells), row)])


def _marked(image: Image.Image, points: Sequence[Point], side: int, box: Sequence[float] = ()) -> Image.Image:
    """An image that fits into a square of `side` pixels, with points and a box drawn on it."""
    scale = min(side / image.width, side / image.height)
    shown = ImageOps.contain(image.convert("RGB"), (side, side))
    pen = ImageDraw.Draw(shown)
    if box:
        pen.rectangle([value * scale for value in box], outline="lime")
    for (x, y), colour in zip(points, _COLOURS, strict=False):
        middle = (x * scale, y * scale)
        pen.ellipse([middle[0] - 2, middle[1] - 2, middle[0] + 2, middle[1] + 2], fill=colour)
    return shown
