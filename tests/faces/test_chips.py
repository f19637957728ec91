import dlib
import numpy as np
from PIL import Image
from skimage import data

from s2f_cli.faces import dlib_models
from s2f_cli.faces.chips import ChipFinder
from s2f_cli.faces.geometry import warp


def test_the_chip_is_where_dlib_takes_it() -> None:
    image = data.astronaut()[:200, 130:320].copy()
    transform = ChipFinder().find(image)
    (box,) = dlib_models.detector()(image, 0)
    expected = dlib.get_face_chip(image, dlib_models.landmarks()(image, box), size=150, padding=0.25)
    assert transform is not None
    chip = np.asarray(warp(Image.fromarray(image), transform)).astype(float)
    assert np.abs(chip - expected).mean() < 2
    assert np.abs(chip[:, 1:] - expected[:, :-1]).mean() > 4


def test_no_face_has_no_chip() -> None:
    assert ChipFinder().find(np.zeros((64, 64, 3), np.uint8)) is None
