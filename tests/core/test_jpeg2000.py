"""JPEG 2000 of any depth; the deep one was written by ImageMagick."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import images, jpeg2000

DEEP = base64.b85decode(
    "|4;u>051Rl000080000400000000000000800004000000000000RpF0Sf^E3jqQDQUDA9000320t5sA0smY83P50JXmDs~aQ|cgB>(|Ka%Ew3"
    "Wn>^?c_2@4Wo}APMMofZWpZ<AZ*CwmE;TMN|BwI*0000008;<~|C7K6LJQyjcmOB{?tK8S|9Ai>2JU?TuYk|+2mlLXz`xJ%2mlLXz`wu&5EXyN"
    "@(=(OhKNv`j<|ov@(=(OhKNv`j<|pS*#"
)
"""12 bits, reversible: 8×4 pixels from black to white in red and blue, and from white to black in green."""


def encoded(levels: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG2000", **options)
    return file.getvalue()


def claiming(data: bytes, depth: int) -> bytes:
    """The file as if its samples had another depth."""
    changed = bytearray(data)
    start = data.index(b"\xff\x4f\xff\x51") + 2
    for component in range(int.from_bytes(data[start + 38 : start + 40], "big")):
        changed[start + 40 + 3 * component] = depth - 1
    return bytes(changed)


def read(data: bytes) -> np.ndarray:
    return np.asarray(images.read(io.BytesIO(data))).astype(int)


def test_white_of_12_bits_is_white() -> None:
    ramp = np.linspace(0, 255, 8).round()
    expected = np.broadcast_to(np.stack([ramp, ramp[::-1], ramp], axis=-1), (4, 8, 3))
    assert np.abs(read(DEEP) - expected).max() <= 3
    with Image.open(io.BytesIO(DEEP)) as by_pillow:  # which needs no correction once this fails
        assert np.asarray(by_pillow)[0, 0, 1] == 0


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_the_irreversible_transform_is_scaled(depth: int) -> None:
    levels = np.random.default_rng(1).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    data = encoded(levels, irreversible=True)
    assert np.array_equal(read(claiming(data, depth)), read(data))


@pytest.mark.parametrize("depth", [1, 2, 4, 7])
@pytest.mark.parametrize("shape", [(4, 8), (4, 8, 3)])
def test_shallow_levels_reach_white(depth: int, shape: tuple[int, ...]) -> None:
    top = 2**depth - 1
    levels = np.random.default_rng(1).integers(0, top + 1, shape, dtype=np.uint8)
    centred = levels + 128 - 2 ** (depth - 1)  # a claim of `depth` bits moves the middle level
    seen = read(claiming(encoded(centred.astype(np.uint8)), depth))
    assert np.abs(seen - levels * 255.0 / top).max() <= 1


def test_other_files_are_left_as_they_are() -> None:
    levels = np.random.default_rng(1).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    data = encoded(levels)
    assert np.array_equal(read(data), levels)
    opened = Image.open(io.BytesIO(data))
    assert jpeg2000.scaled(opened) is opened
