import numpy as np
import pytest
from PIL import Image, ImageDraw

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketchers.pencil import pencil
from s2f_cli.data.sketchers.xdog import xdog
from s2f_cli.data.sources.demo import astronaut
from s2f_cli.inference.input_check import doubts

PHOTO = "it looks like a photo, but models to faces expect sketches"
DRAWING = "it looks like a drawing, but models to sketches expect photos"


@pytest.mark.parametrize("sketcher", [pencil, xdog])
def test_a_sketch_and_a_photo_are_told_apart(sketcher) -> None:
    for photo in (astronaut(), draw(looks(0, 1))):
        sketch = sketcher(photo, 0)
        assert (doubts(photo, "sketch"), doubts(photo, "face")) == ([], [PHOTO])
        assert (doubts(sketch, "sketch"), doubts(sketch, "face")) == ([DRAWING], [])


def test_a_gray_photo_and_tinted_paper() -> None:
    assert doubts(astronaut().convert("L"), "sketch") == []
    ink = np.asarray(xdog(astronaut(), 0), float)[..., None] / 255
    paper = Image.fromarray((ink * (250, 240, 215)).astype(np.uint8))
    assert doubts(paper, "face") == []


def test_a_blank_image_is_only_blank() -> None:
    assert doubts(Image.new("RGB", (300, 20), "red"), "face", no_face=True) == ["it is blank"]


def test_a_missing_face_is_named_before_other_doubts() -> None:
    page = Image.new("L", (100, 100), "white")
    ImageDraw.Draw(page).line((10, 10, 90, 80), fill=0, width=6)
    assert doubts(page, "sketch", no_face=True) == [
        "no face was found, so all of it was translated as it is",
        DRAWING,
    ]
