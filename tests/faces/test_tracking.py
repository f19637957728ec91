"""Faces followed from frame to frame."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from s2f_cli.faces.geometry import Face
from s2f_cli.faces.manual_eyes import face_of_eyes
from s2f_cli.faces.tracking import FaceTracker

RATE = 10.0
BLANK = Image.new("L", (500, 200))


def face(x: float, width: float = 40) -> Face:
    """A face whose eyes are level, the left one at x."""
    return replace(face_of_eyes((x, 50), (x + width, 50)), confidence=1.0)


def numbers(tracker: FaceTracker, *faces: Face) -> list[int]:
    return [tracked.number for tracked in tracker.update(faces, BLANK)]


def test_faces_keep_their_numbers_whatever_their_order() -> None:
    tracker = FaceTracker(RATE)
    assert numbers(tracker, face(100), face(300)) == [1, 2]
    assert numbers(tracker, face(302), face(101)) == [1, 2]
    assert [round(t.face.left_eye[0], -1) for t in tracker.update([face(103)], BLANK)] == [100, 300]


def test_a_face_that_is_not_found_stays_for_a_while() -> None:
    tracker = FaceTracker(RATE)
    tracker.update([face(100)], BLANK)
    held = [len(tracker.update([], BLANK)) for _ in range(6)]
    assert held == [1, 1, 1, 1, 0, 0]


def test_a_face_elsewhere_is_another_one() -> None:
    tracker = FaceTracker(RATE)
    assert numbers(tracker, face(100)) == [1]
    assert numbers(tracker, face(300)) == [1, 2]
    tracker.reset()
    assert numbers(tracker, face(300)) == [3]


def test_landmarks_are_smoothed() -> None:
    tracker = FaceTracker(RATE)
    (start,) = tracker.update([face(100)], BLANK)
    (end,) = tracker.update([face(102)], BLANK)
    assert start.face == face(100)
    moved = [end.face.left_eye[0], end.face.right_eye[0] - 40, end.face.box[0] - face(100).box[0] + 100]
    assert moved == pytest.approx([moved[0]] * 3) and 100 < moved[0] < 101.5


@pytest.mark.parametrize(("choice", "left"), [("largest", 300), ("best", 100)])
def test_one_face_is_followed_until_it_has_gone(choice: str, left: float) -> None:
    tracker = FaceTracker(RATE, choice)
    small, large = face(100), face(300, 60)
    (first,) = tracker.update([small, large], BLANK)
    assert first.face.left_eye[0] == left
    (still,) = tracker.update([face(100, 62), face(300)] if choice == "largest" else [large, small], BLANK)
    assert still.number == first.number


def test_a_face_moves_with_its_pixels() -> None:
    """The detector misses a face that moves; it is found in the pixels."""
    levels = np.random.default_rng(0).integers(0, 255, (8, 20), np.uint8)
    picture = Image.fromarray(levels).resize((500, 200), Image.Resampling.BICUBIC)
    tracker = FaceTracker(RATE)
    tracker.update([face(100)], picture)
    for number in range(1, 4):
        moved = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, -1.5 * number, 0, 1, 0))
        (tracked,) = tracker.update([], moved)
        assert tracked.face.left_eye == pytest.approx((100 + 1.5 * number, 50), abs=0.6)
