"""Rows of real faces: a drawing is most like the photo that it was drawn from."""

import numpy as np
import pytest
from PIL import Image
from skimage import data as photos

from s2f_cli.core.errors import ImageError
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketchers.pencil import pencil
from s2f_cli.matching import describe, projection


def test_a_drawing_is_nearest_to_its_photo() -> None:
    woman = Image.fromarray(photos.astronaut()).crop((120, 0, 330, 210))
    (photo,) = describe.photo(woman)
    others = [face.row for number in range(2) for face in describe.photo(draw(looks(0, number)))]
    assert others
    sketch = describe.sketch(pencil(woman, 0))
    assert sketch.image.size == sketch.face.size == (256, 256)
    assert sketch.row @ photo.row > max(sketch.row @ other for other in others) + 0.1
    for row in (photo.row, sketch.row):
        assert row.shape == (projection.WIDTH,) and np.linalg.norm(row) == pytest.approx(1, abs=1e-3)


def test_the_box_of_a_face_finds_it_again() -> None:
    woman = Image.fromarray(photos.astronaut()).crop((120, 0, 330, 210))
    (photo,) = describe.photo(woman)
    assert describe.crop(woman, photo.box).size == (256, 256)


def test_images_without_a_face_are_refused() -> None:
    blank = Image.new("RGB", (64, 64), "white")
    for function in (describe.photo, describe.sketch):
        with pytest.raises(ImageError, match="no face"):
            function(blank)
