"""Combine images into one: side by side, in a grid, or on a page-shaped sheet."""

from collections.abc import Sequence
from math import ceil, sqrt

from PIL import Image, ImageDraw

_GAP = 4
_HEAD = 16
"""Height of the title line, in pixels."""
_ASPECT = 1.4
"""The ratio of width to height that `sheet` aims for."""


def side_by_side(images: Sequence[Image.Image]) -> Image.Image:
    """Place images in one row, scaled to the height of the last; `RGB` if any of them is, else `L`."""
    height = images[-1].height
    scaled = [
        image
        if image.height == height
        else image.resize((max(1, round(image.width * height / image.height)), height))
        for image in images
    ]
    mode = "RGB" if any(image.mode == "RGB" for image in scaled) else "L"
    row = Image.new(mode, (sum(image.width + _GAP for image in scaled) - _GAP, height), "white")
    left = 0
    for image in scaled:
        row.paste(image.convert(mode), (left, 0))
        left += image.width + _GAP
    return row


def grid(rows: Sequence[Sequence[Image.Image]], titles: Sequence[str] = ()) -> Image.Image:
    """Place rows of images on a white `RGB` sheet, with a title above each column.

    Every cell has the size of the largest image. Rows may differ in length.
    """
    width = max(image.width for row in rows for image in row) + _GAP
    height = max(image.height for row in rows for image in row) + _GAP
    head = _HEAD if titles else 0
    columns = max(len(row) for row in rows)
    sheet = Image.new("RGB", (columns * width + _GAP, len(rows) * height + _GAP + head), "white")
    pen = ImageDraw.Draw(sheet)
    for column, title in enumerate(titles):
        pen.text((_GAP + column * width, 2), title, fill="black")
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            sheet.paste(image.convert("RGB"), (_GAP + x * width, _GAP + head + y * height))
    return sheet


def sheet(rows: Sequence[Sequence[Image.Image]], titles: Sequence[str]) -> Image.Image:
    """Lay out rows on a page-shaped grid, down the page first, then in further columns.

    Each row has one image for each title, all of one size.
    """
    across = min(max(round(sqrt(_ASPECT * len(rows) / len(titles))), 1), len(rows))
    down = ceil(len(rows) / across)
    lines = [[image for row in rows[first::down] for image in row] for first in range(down)]
    return grid(lines, list(titles) * across)
