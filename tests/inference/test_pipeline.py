"""What becomes of the faces of a whole photo, and of what is around them."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks
from s2f_cli.faces.align import AlignSettings
from s2f_cli.inference.pipeline import Pipeline

FACES, ALL = 50, 200


class Painter:
    """In a translator's place: faces become dark, all that is seen pixel by pixel bright."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[int, int], Any]] = []

    def seen_size(self, width: int, height: int, to: str, size: Any = "native") -> tuple[int, int]:
        return (width, height) if size == "full" else (64 * width // height, 64)

    def translate(self, pictures: Any, to: str, size: Any, *, seed: int, mean: bool) -> list[Image.Image]:
        self.asked += [(picture.size, size) for picture in pictures]
        return [Image.new("L", one.size, (ALL if size == "full" else FACES) + seed) for one in pictures]


@pytest.fixture
def group() -> Image.Image:
    photo = Image.new("RGB", (640, 300), "gray")
    for number in (0, 1):
        photo.paste(draw(looks(0, number)), (20 + 330 * number, 20))
    return photo


def drawing(**more: Any) -> Pipeline:
    return Pipeline(Painter(), "sketch", looking=AlignSettings(preset="cufs", width=64, faces="all"), **more)  # type: ignore[arg-type]


def test_faces_are_put_into_the_whole(group: Image.Image) -> None:
    asked = drawing(back="translated")
    one = asked.cut(group)
    ((made,),) = asked.results([one])[0:1][0]
    levels = np.asarray(made)
    assert (made.size, made.mode) == (group.size, "L")
    assert levels[0, 0] == ALL
    for face in one.faces:
        x, y = (round(value) for value in face.face.left_eye)
        assert levels[y, x] == FACES


def test_the_whole_is_seen_where_its_first_face_is_as_large_as_in_training(group: Image.Image) -> None:
    asked = drawing(back="translated")
    one = asked.cut(group)
    asked.results([one])
    (size,) = [size for size, how in asked.translator.asked if how == "full"]
    assert size == tuple(round(side * one.faces[0].transform.scale) for side in group.size)
    assert asked.weight(one) == size[0] * size[1] + 2 * 64 * (64 * 64 // 80)


def test_a_small_face_does_not_make_it_endless(group: Image.Image) -> None:
    tiny = Image.new("RGB", (2000, 1500), "gray")
    tiny.paste(group, (100, 100))
    asked = Pipeline(Painter(), "sketch", looking=AlignSettings(width=1024, min_eyes=0), back="translated")  # type: ignore[arg-type]
    asked.results([asked.cut(tiny)])
    assert ((2000, 1500), "full") in asked.translator.asked


def test_into_the_photo_and_alone(group: Image.Image) -> None:
    asked = drawing(back="photo")
    ((made,),) = asked.results([asked.cut(group)])[0:1][0]
    assert made.mode == "RGB" and made.getpixel((0, 0)) == group.getpixel((0, 0))
    alone = drawing(back="none")
    (faces,) = alone.results([alone.cut(group)])
    assert [samples[0].size for samples in faces] == [(64, 80)] * 2


def test_several_photos_and_samples_stay_apart(group: Image.Image) -> None:
    nobody = Image.new("L", (90, 60), "gray")
    asked = drawing(back="translated", samples=2, seed=3)
    made = asked.results([asked.cut(one) for one in (nobody, group, nobody)])
    assert [[image.size for image in faces[0]] for faces in made] == [
        [s] * 2 for s in ((90, 60), (640, 300), (90, 60))
    ]
    assert [image.getpixel((0, 0)) for image in made[1][0]] == [ALL + 3, ALL + 4]


def test_the_short_side_that_was_asked_for(group: Image.Image) -> None:
    asked = drawing(back="translated", size=150)
    ((made,),) = asked.results([asked.cut(group)])[0:1][0]
    assert made.size == (320, 150)
