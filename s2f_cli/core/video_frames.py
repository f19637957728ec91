"""Frames of PyAV as images, upright and in sRGB, and images as frames."""

import struct
from fractions import Fraction
from typing import Any

from PIL import Image

from s2f_cli.core import cicp
from s2f_cli.core.requirements import require

_HD = 720
"""Rows from which a video is in high definition."""
_BT709, _BT601 = 1, 6
_LIMITED, _FULL = 1, 2
_SCALERS = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrices as ITU-T H.273 numbers them → as libswscale does."""


def upright(frame: Any, aspect: Fraction) -> Image.Image:
    """A frame as an upright `RGB` image in sRGB; `aspect` is the width of a pixel by its height."""
    matrix = frame.colorspace if frame.colorspace in _SCALERS else _usual_matrix(frame.height)
    full = frame.color_range == _FULL or frame.format.name.startswith("yuvj")
    image: Image.Image = frame.to_image(
        src_colorspace=_SCALERS[matrix],
        src_color_range=_FULL if full else _LIMITED,
        dst_color_range=_FULL,
    )
    if aspect > 1:
        image = image.resize((round(image.width * aspect), image.height), Image.Resampling.BICUBIC)
    elif aspect < 1:
        image = image.resize((image.width, round(image.height / aspect)), Image.Resampling.BICUBIC)
    image = cicp.to_srgb(image, cicp.CodePoints(frame.color_primaries, frame.color_trc))
    turn = _turn(frame)
    return image if turn is None else image.transpose(turn)


def encodable(image: Image.Image, pixel_format: str) -> Any:
    """A frame of the usual matrix and range of its size, labelled with them; `image` is `RGB` in sRGB."""
    matrix = _usual_matrix(image.height)
    frame = require("av", "video").VideoFrame.from_image(image)
    frame = frame.reformat(
        format=pixel_format,
        dst_colorspace=_SCALERS[matrix],
        src_color_range=_FULL,
        dst_color_range=_LIMITED,
    )
    label(frame, image.height)
    return frame


def label(coded: Any, height: int) -> None:
    """Write into a frame or an encoder what its colours are, in a video of some height."""
    coded.colorspace, coded.color_range = _usual_matrix(height), _LIMITED
    coded.color_primaries = coded.color_trc = _BT709


def _usual_matrix(height: int) -> int:
    """The matrix of videos that do not say it, as players assume: BT.709 from 720 rows up, else BT.601."""
    return _BT709 if height >= _HD else _BT601


def _turn(frame: Any) -> Image.Transpose | None:
    """How a frame becomes upright, by the display matrix that cameras write: a turn, or a mirror image."""
    data = next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None)
    if data is None:
        return None
    a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        straight = {
            (False, False): None,
            (True, False): Image.Transpose.FLIP_LEFT_RIGHT,
            (False, True): Image.Transpose.FLIP_TOP_BOTTOM,
            (True, True): Image.Transpose.ROTATE_180,
        }
        return straight[a < 0, d < 0]
    across = {
        (False, False): Image.Transpose.TRANSPOSE,
        (False, True): Image.Transpose.ROTATE_270,
        (True, False): Image.Transpose.ROTATE_90,
        (True, True): Image.Transpose.TRANSVERSE,
    }
    return across[b < 0, c < 0]
