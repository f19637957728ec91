"""Short videos, made with PyAV."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

av = pytest.importorskip("av")

LEVELS = range(20, 260, 20)
"""The gray levels of the frames of a clip."""


def make(path: Path, times: Sequence[float], size: tuple[int, int] = (48, 36)) -> Path:
    """A video with a bright top left corner; frame n is shown at `times[n]` seconds."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=24)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.options = {"crf": "5"}
        stream.codec_context.time_base = Fraction(1, 1000)
        for level, time in zip(LEVELS, times, strict=False):
            image = Image.new("RGB", size, (level,) * 3)
            image.paste((255, 255, 255), (0, 0, 16, 12))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = round(1000 * time), Fraction(1, 1000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def levels(images: Sequence[Image.Image]) -> list[int]:
    """The index in LEVELS of the gray level in the middle of each frame."""
    middles = [image.getpixel((image.width // 2, image.height // 2))[0] for image in images]
    return [min(range(len(LEVELS)), key=lambda n: abs(LEVELS[n] - middle)) for middle in middles]


def make_yuv(path: Path, levels: Sequence[int], size: tuple[int, int], **tags: object) -> Path:
    """A video of two frames with these levels, its stream labelled with `tags`."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("h264", rate=24)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        stream.options = {"crf": "1"}
        for name, value in tags.items():
            setattr(stream.codec_context, name, value)
        for number in range(2):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane, level in zip(frame.planes, levels, strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            for name in ("colorspace", "color_range", "color_primaries", "color_trc"):
                if name in tags:
                    setattr(frame, name, tags[name])
            frame.pts, frame.time_base = number, Fraction(1, 24)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
