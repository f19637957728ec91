import math
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageOps

from s2f_cli.data.drawn_faces import Looks, draw, looks
from s2f_cli.data.sketchers.pencil import pencil
from s2f_cli.data.sources.demo import astronaut
from s2f_cli.faces.aligners.dlib import Dlib


@pytest.fixture(scope="module")
def aligner() -> Iterator[Dlib]:
    pytest.importorskip("dlib")
    yield Dlib()


def true_eyes(face: Looks) -> list[tuple[float, float]]:
    """The centres of the eyes that `drawn_faces` draws, rotated, scaled and shifted with the face."""
    turn = np.deg2rad(face.turn)
    cos, sin = face.scale * np.cos(turn), face.scale * np.sin(turn)
    return [
        (128 + face.shift[0] + x * cos + 6 * sin, 128 + face.shift[1] + x * sin - 6 * cos) for x in (-26, 26)
    ]


def error(point: tuple[float, float], truth: tuple[float, float]) -> float:
    """The distance of a point to the true one, in pixels."""
    return math.dist(point, truth)


def test_the_eyes_of_drawn_faces_are_found_where_they_were_drawn(aligner: Dlib) -> None:
    for number in range(8):
        (face,) = aligner.find(draw(looks(0, number)))
        left, right = true_eyes(looks(0, number))
        assert face.confidence is not None and face.confidence > 0
        assert max(error(face.left_eye, left), error(face.right_eye, right)) < 5
        assert face.left_corner[0] < face.left_eye[0] < face.right_eye[0] < face.right_corner[0]
        assert face.nose is not None and face.nose[1] > face.left_eye[1]


def test_faces_are_found_in_sketches_too(aligner: Dlib) -> None:
    (photo,) = aligner.find(astronaut())
    (sketch,) = aligner.find(pencil(astronaut(), 0))
    assert error(photo.left_eye, sketch.left_eye) < 6
    assert error(photo.right_eye, sketch.right_eye) < 6


@pytest.mark.parametrize("scale", [0.35, 1, 3])
def test_landmarks_are_in_pixels_of_the_image_at_any_size(aligner: Dlib, scale: float) -> None:
    (once,) = aligner.find(astronaut())
    (again,) = aligner.find(ImageOps.scale(astronaut(), scale))
    for name in ("left_eye", "right_eye", "left_corner", "right_corner", "nose"):
        x, y = getattr(again, name)
        assert error((x / scale, y / scale), getattr(once, name)) < 3.5


def test_several_faces_are_sorted_by_confidence(aligner: Dlib) -> None:
    group = Image.new("RGB", (512, 256), "gray")
    group.paste(astronaut(), (0, 0))
    group.paste(draw(looks(0, 1)), (256, 0))
    first, second = aligner.find(group)
    assert first.confidence >= second.confidence


def test_an_image_without_a_face_gives_an_empty_list(aligner: Dlib) -> None:
    for image in (Image.new("L", (5, 5)), Image.new("RGB", (300, 200), "white")):
        assert aligner.find(image) == []
