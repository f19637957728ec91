"""Drawn faces."""

import numpy as np
import pytest

from s2f_cli.data.drawn_faces import draw, looks


def test_the_pixels_depend_on_the_seed_and_the_number() -> None:
    first = draw(looks(0, 5))
    assert (first.mode, first.size) == ("RGB", (256, 256))
    assert first.tobytes() == draw(looks(0, 5)).tobytes()
    assert first.tobytes() != draw(looks(1, 5)).tobytes()
    assert first.tobytes() != draw(looks(0, 6)).tobytes()


def test_every_style_can_be_drawn() -> None:
    number_of = {looks(0, number).style: number for number in range(40)}
    assert number_of.keys() == {"short", "side", "bob", "long", "curly", "bald"}
    for number in number_of.values():
        assert np.asarray(draw(looks(0, number))).std() > 20


def test_a_detector_finds_one_face_in_each() -> None:
    dlib = pytest.importorskip("dlib")
    find = dlib.get_frontal_face_detector()
    assert all(len(find(np.asarray(draw(looks(0, number))))) == 1 for number in range(10))
