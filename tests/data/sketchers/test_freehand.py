"""The sketcher `freehand`: black strokes on white, whose width, detail and place the seed decides."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketchers._eyes import find_eyes
from s2f_cli.data.sketchers._lines import darkness, evenly_lit, ridges
from s2f_cli.data.sketchers.freehand import freehand

FACE = draw(looks(0, 3))


@pytest.fixture(scope="module")
def sketches() -> list[np.ndarray]:
    return [np.asarray(freehand(FACE, seed), int) for seed in range(8)]


def test_paper_is_white_ink_is_black_and_there_is_little_of_it(sketches: list[np.ndarray]) -> None:
    for sketch in sketches:
        assert np.mean(sketch == 255) > 0.7
        assert sketch.min() <= 50 or np.mean(sketch < 128) < 0.02
        assert 0.004 < np.mean(sketch < 128) < 0.25
        assert np.mean((sketch > 50) & (sketch < 255)) < 0.15


def test_seeds_differ_in_the_amount_of_ink(sketches: list[np.ndarray]) -> None:
    inks = [np.mean(255 - sketch) for sketch in sketches]
    assert max(inks) > 2 * min(inks)


def test_strokes_grow_with_the_photo() -> None:
    large = freehand(FACE.resize((512, 512), Image.Resampling.BICUBIC), 0)
    inks = [np.mean(255 - np.asarray(sketch, int)) for sketch in (large, freehand(FACE, 0))]
    assert inks[0] == pytest.approx(inks[1], rel=0.5)


def test_a_blank_photo_gives_a_blank_sheet() -> None:
    assert freehand(Image.new("RGB", (64, 64), (90, 90, 90)), 0).getextrema() == (255, 255)


def test_two_dark_spots_are_eyes_and_one_is_not() -> None:
    photo = Image.new("L", (256, 256), 220)
    pen = ImageDraw.Draw(photo)
    pen.ellipse((92, 106, 102, 116), fill=40)
    light = np.asarray(photo, np.float32) / 255
    assert find_eyes(evenly_lit(light)) is None
    pen.ellipse((152, 106, 162, 116), fill=40)
    eyes = find_eyes(evenly_lit(np.asarray(photo, np.float32) / 255))
    assert eyes is not None
    assert eyes.left == pytest.approx((97.5, 111.5), abs=2)
    assert eyes.right == pytest.approx((157.5, 111.5), abs=2)
    assert eyes.distance == pytest.approx(60, abs=3)


def test_a_line_becomes_one_path_that_goes_straight_on_at_a_crossing() -> None:
    photo = Image.new("L", (128, 128), 220)
    pen = ImageDraw.Draw(photo)
    pen.line((14, 64, 114, 64), fill=60, width=3)
    pen.line((64, 14, 64, 114), fill=60, width=3)
    dark = darkness(evenly_lit(np.asarray(photo, np.float32) / 255), 1.0)
    paths = sorted(ridges(dark, 0.03, 10), key=len)[-2:]
    extents = sorted(np.ptp(path, axis=0).round().tolist() for path in paths)
    assert extents[0][0] < 6 and extents[0][1] > 80
    assert extents[1][0] > 80 and extents[1][1] < 6
