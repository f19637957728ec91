"""The eight orientations of an image: quarter-turns of it and of its mirror image (dihedral group D4)."""

from typing import NamedTuple

from PIL import Image

COUNT = 8

_QUARTER_TURNS = (
    None,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)


class Orientation(NamedTuple):
    """A left-to-right flip if `mirrored`, followed by anticlockwise quarter-turns."""

    mirrored: bool
    quarter_turns: int


def orientation(number: int) -> Orientation:
    """The orientation with a number from 0 (upright) to 7; 4 to 7 are mirrored."""
    mirrored, quarter_turns = divmod(number, COUNT // 2)
    return Orientation(bool(mirrored), quarter_turns)


def turn(image: Image.Image, number: int) -> Image.Image:
    """Turn an image to the orientation `number`, 0 to 7; orientation 0 returns the image itself."""
    mirrored, quarter_turns = orientation(number)
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    method = _QUARTER_TURNS[quarter_turns]
    return image if method is None else image.transpose(method)
