"""The colours of frames, read and written: matrices, ranges and high dynamic range."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clips import make_yuv
from s2f_cli.core import cicp
from s2f_cli.core.video import frames, probe
from s2f_cli.core.video_writer import writing

av = pytest.importorskip("av")

WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
"""Weights of red and blue in the luma of each matrix, by its number in ITU-T H.273."""
COLOUR = (192, 128, 96)


def yuv(colour: Sequence[int], matrix: int, full: bool) -> list[int]:
    red, green, blue = (level / 255 for level in colour)
    of_red, of_blue = WEIGHTS[matrix]
    luma = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    chroma = (blue - luma) / (2 - 2 * of_blue), (red - luma) / (2 - 2 * of_red)
    scale, foot, chroma_scale = (255, 0, 255) if full else (219, 16, 224)
    return [round(foot + scale * luma), *(round(128 + chroma_scale * part) for part in chroma)]


def rgb(levels: Sequence[int], matrix: int) -> list[int]:
    """The colour of levels of limited range."""
    of_red, of_blue = WEIGHTS[matrix]
    luma, by_blue, by_red = (levels[0] - 16) / 219, (levels[1] - 128) / 224, (levels[2] - 128) / 224
    red, blue = luma + by_red * (2 - 2 * of_red), luma + by_blue * (2 - 2 * of_blue)
    green = (luma - of_red * red - of_blue * blue) / (1 - of_red - of_blue)
    return [round(255 * part) for part in (red, green, blue)]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("matrix", "size"), [(1, (64, 48)), (6, (64, 48)), (6, (64, 720)), (9, (64, 48))])
def test_colours_are_those_of_the_matrix_and_range_that_the_file_says(
    tmp_path: Path, matrix: int, size: tuple[int, int], full: bool
) -> None:
    levels = yuv(COLOUR, matrix, full)
    clip = make_yuv(tmp_path / "a.mp4", levels, size, colorspace=matrix, color_range=2 if full else 1)
    seen = next(frames(probe(clip))).getpixel((20, 20))
    assert np.abs(np.subtract(seen, COLOUR)).max() <= 3


@pytest.mark.parametrize(("transfer", "level"), [(16, 0.58), (18, 0.75)])
def test_high_dynamic_range_is_mapped(tmp_path: Path, transfer: int, level: float) -> None:
    """Diffuse white of PQ and HLG (BT.2408) is nearly white; shown as it is, it would be gray."""
    levels = yuv([round(255 * level)] * 3, 9, full=False)
    tags = {"colorspace": 9, "color_range": 1, "color_primaries": 9, "color_trc": transfer}
    seen = next(frames(probe(make_yuv(tmp_path / "a.mp4", levels, (64, 48), **tags)))).getpixel((20, 20))
    still = cicp.to_srgb(Image.new("RGB", (1, 1), (round(255 * level),) * 3), cicp.CodePoints(9, transfer))
    assert min(seen) > 215 and np.abs(np.subtract(seen, still.getpixel((0, 0)))).max() <= 4


@pytest.mark.parametrize(("height", "matrix"), [(480, 6), (720, 1), (1080, 1)])
def test_a_video_that_says_nothing_has_the_matrix_of_its_size(
    tmp_path: Path, height: int, matrix: int
) -> None:
    clip = make_yuv(tmp_path / "a.mp4", yuv(COLOUR, matrix, full=False), (64, height))
    seen = next(frames(probe(clip))).getpixel((20, 20))
    assert np.abs(np.subtract(seen, COLOUR)).max() <= 3


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize(("height", "matrix"), [(48, 6), (720, 1)])
def test_a_new_video_says_its_matrix_and_has_the_colours_of_its_frames(
    tmp_path: Path, height: int, matrix: int, suffix: str
) -> None:
    target = tmp_path / f"new{suffix}"
    like = probe(make_yuv(tmp_path / "like.mp4", yuv(COLOUR, matrix, full=False), (64, 48)))
    with writing(target, like) as put:
        put(Image.new("RGB", (64, height), COLOUR))
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        assert (frame.colorspace in (5, 6)) if matrix == 6 else (frame.colorspace == 1)
        assert frame.color_range == 1
        levels = [bytes(plane)[20 * plane.line_size + 20] for plane in frame.planes]
    assert np.abs(np.subtract(rgb(levels, matrix), COLOUR)).max() <= 4
    assert np.abs(np.subtract(next(frames(probe(target))).getpixel((20, 20)), COLOUR)).max() <= 4
