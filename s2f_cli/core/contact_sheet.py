"""Pictures beside each other: one and what was made of it, and many of these on one sheet."""

from collections.abc import Sequence
from math import ceil, sqrt

from PIL import Image

from s2f_cli.core import images

_GAP = 4
_WIDE = 1.4
"""A sheet is about so much wider than high."""


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures side by side, as high as the last of them; `L` when all are, else `RGB`."""
    height = pictures[-1].height
    scaled = [
        one if one.height == height else one.resize((max(1, round(one.width * height / one.height)), height))
        for one in pictures
    ]
    mode = "RGB" if any(one.mode == "RGB" for one in scaled) else "L"
    ground = Image.new(mode, (sum(one.width + _GAP for one in scaled) - _GAP, height), "white")
    left = 0
    for one in scaled:
        ground.paste(one.convert(mode), (left, 0))
        left += one.width + _GAP
    return ground


def sheet(rows: Sequence[Sequence[Image.Image]], titles: Sequence[str]) -> Image.Image:
    """Rows of as many pictures as there are titles, all of one size, several rows beside each other."""
    across = min(max(round(sqrt(_WIDE * len(rows) / len(titles))), 1), len(rows))
    down = ceil(len(rows) / across)
    lines = [[picture for row in rows[first::down] for picture in row] for first in range(down)]
    return images.sheet(lines, list(titles) * across)
