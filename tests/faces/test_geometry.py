import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces.geometry import PRESETS, Face, Transform, paste_back, preset, transform_of, warp

coordinate = st.floats(-500, 500)


def face(left: tuple[float, float], right: tuple[float, float]) -> Face:
    return Face((0, 0, 1, 1), 1.0, left, right, left, right)


def smooth(width: int = 200, height: int = 160) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray((127 + 80 * np.sin(x / 17) + 40 * np.cos(y / 11)).astype(np.uint8))


@given(coordinate, coordinate, coordinate, coordinate, st.sampled_from(sorted(PRESETS)))
def test_eyes_move_to_the_positions_of_the_preset(
    x: float, y: float, dx: float, dy: float, name: str
) -> None:
    if math.hypot(dx, dy) < 1:
        dx += 10
    goal = preset(name)
    there = transform_of(face((x, y), (x + dx, y + dy)), goal)
    assert there((x, y)) == pytest.approx(goal.left, abs=1e-6)
    assert there((x + dx, y + dy)) == pytest.approx(goal.right, abs=1e-6)
    back = there.inverse()
    assert back(there((12.0, -7.0))) == pytest.approx((12.0, -7.0), abs=1e-5)


def test_report_b_has_margins_of_30_percent() -> None:
    goal = preset("report-b")
    assert (goal.left, goal.right) == ((38, 38), (128 - 38, 38))


def test_a_preset_scales_with_its_width() -> None:
    assert (preset("cufs", 400).height, preset("cufs", 400).left) == (500, (149.2, 255.4))
    with pytest.raises(DataError, match="12 pixels"):
        preset("cufs", 12)
    with pytest.raises(DataError) as raised:
        preset("cuf")
    assert "cufs" in raised.value.hint


def test_an_identity_warp_changes_nothing() -> None:
    photo = smooth()
    same = warp(photo, Transform((1, 0, 0, 0, 1, 0), photo.width, photo.height))
    assert same.tobytes() == photo.tobytes()


def test_beyond_the_edge_the_photo_is_mirrored() -> None:
    photo = smooth(60, 50)
    shifted = np.asarray(warp(photo, Transform((1, 0, 20, 0, 1, 10), 100, 80)))
    mirrored = np.pad(np.asarray(photo), ((10, 20), (20, 20)), mode="symmetric")
    assert np.array_equal(shifted, mirrored)


@pytest.mark.parametrize("scale", [0.11, 0.26, 0.5, 0.9, 1.7])
def test_a_scaled_warp_is_close_to_a_resize(scale: float) -> None:
    photo = smooth(400, 300)
    size = round(400 * scale), round(300 * scale)
    warped = warp(photo, Transform((scale, 0, 0, 0, scale, 0), *size))
    plain = photo.resize(size, Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(warped, float) - np.asarray(plain, float)).mean() < 2.5


def test_fine_patterns_do_not_alias() -> None:
    stripes = np.zeros((400, 400), np.uint8)
    stripes[:, ::2] = 255
    small = np.asarray(warp(Image.fromarray(stripes), Transform((0.23, 0, 0.4, 0, 0.23, 0.3), 90, 90)))
    assert small[5:-5, 5:-5].std() < 4


@given(st.floats(-40, 40), st.floats(0.4, 1.6), st.floats(-30, 60), st.floats(-30, 60))
def test_pasting_an_unchanged_crop_back_changes_almost_nothing(
    turn: float, scale: float, dx: float, dy: float
) -> None:
    photo = smooth()
    a, b = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    there = Transform((a, -b, dx, b, a, dy), 120, 150)
    back = paste_back(warp(photo, there), photo, there)
    assert (back.size, back.mode) == (photo.size, "L")
    assert np.abs(np.asarray(back, float) - np.asarray(photo, float)).max() < 12


def test_a_pasted_face_fades_into_the_photo() -> None:
    photo = draw(looks(0, 0))
    there = Transform((1, 0, -64, 0, 1, -64), 128, 128)
    pasted = np.asarray(paste_back(Image.new("L", (256, 256), 255), photo, there), int)
    before = np.asarray(photo, int)
    assert (pasted[128, 128] == 255).all()
    assert np.array_equal(pasted[:60], before[:60])
    row = np.abs(pasted[128] - before[128]).sum(axis=-1)
    assert row[64] <= 6
    assert (np.abs(pasted[128, 84:172] - 255) <= 1).all()


def test_a_face_outside_the_photo_is_not_pasted() -> None:
    photo = smooth(50, 50)
    away = Transform((1, 0, 900, 0, 1, 900), 64, 64)
    assert paste_back(Image.new("L", (64, 64)), photo, away).tobytes() == photo.tobytes()
