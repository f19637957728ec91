import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item
from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks
from s2f_cli.data.sources.demo import Demo


def test_the_pixels_depend_on_the_seed_and_the_number() -> None:
    first = draw(looks(0, 5))
    assert (first.mode, first.size) == ("RGB", (256, 256))
    assert first.tobytes() == draw(looks(0, 5)).tobytes()
    assert first.tobytes() != draw(looks(1, 5)).tobytes()
    assert first.tobytes() != draw(looks(0, 6)).tobytes()


def test_every_style_can_be_drawn() -> None:
    seen = {looks(0, number).style: number for number in range(40)}
    assert seen.keys() == {"short", "side", "bob", "long", "curly", "bald"}
    for number in seen.values():
        assert np.asarray(draw(looks(0, number))).std() > 20


def test_a_detector_finds_one_face_in_each() -> None:
    dlib = pytest.importorskip("dlib")
    find = dlib.get_frontal_face_detector()
    assert all(len(find(np.asarray(draw(looks(0, number))))) == 1 for number in range(10))


def test_a_quarter_of_the_items_is_for_testing() -> None:
    items = [item for item in Demo(count=64).items() if isinstance(item, Item)]
    assert len(items) == len({item.name for item in items}) == 64
    assert sum(item.split == "test" for item in items) == 16
    assert items[-1].name == "astronaut"
    face = items[-1].images["face"]
    assert callable(face)
    assert isinstance(face(), Image.Image)


def test_the_count_is_checked() -> None:
    with pytest.raises(DataError, match="--count 1"):
        Demo(count=1)
