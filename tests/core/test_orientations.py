"""The eight orientations of an image."""

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import orientations

LEVELS = np.arange(6, dtype=np.uint8).reshape(2, 3)


@pytest.mark.parametrize("number", range(orientations.COUNT))
def test_an_image_is_flipped_first_and_then_turned_anticlockwise(number: int) -> None:
    mirrored, quarter_turns = orientations.orientation(number)
    assert (mirrored, quarter_turns) == (number >= 4, number % 4)
    turned = np.asarray(orientations.turn(Image.fromarray(LEVELS), number))
    assert np.array_equal(turned, np.rot90(LEVELS[:, ::-1] if mirrored else LEVELS, quarter_turns))


def test_all_orientations_differ() -> None:
    images = [orientations.turn(Image.fromarray(LEVELS), number) for number in range(orientations.COUNT)]
    assert len({(image.size, image.tobytes()) for image in images}) == orientations.COUNT
