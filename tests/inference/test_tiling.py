"""Tiles together are the whole."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn.functional import avg_pool2d, interpolate

from s2f_cli.core import images
from s2f_cli.inference import tiling


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def levels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    tile=st.integers(8, 40),
    step=st.sampled_from([1, 4, 8]),
)
def test_the_same_comes_back(width: int, height: int, tile: int, step: int) -> None:
    """Whatever the sides: the shares of all tiles over a pixel add up to one, and none is too large."""
    seen = []

    def network(batch: np.ndarray) -> np.ndarray:
        seen.append(batch.shape[2:])
        return batch

    picture = noise(width, height)
    made = tiling.run_tiled(network, picture, 3, tile, step)
    assert np.abs(levels(made) - levels(picture)).max() <= 1
    most = max(tile // step, 2) * step
    assert all(side <= most and side % step == 0 for shape in seen for side in shape)


def test_a_network_that_sees_no_farther_than_the_margin_makes_the_whole() -> None:
    """What it makes of a tile depends on where its grid of pooling lies, and on its surroundings."""

    def network(batch: np.ndarray) -> np.ndarray:
        small = avg_pool2d(torch.from_numpy(batch), 4)
        return interpolate(small, scale_factor=4, mode="bilinear").numpy()

    picture = noise(150, 131, seed=1)
    padded = np.pad(levels(picture), ((0, 1), (0, 2), (0, 0)), mode="edge").astype(np.uint8)
    whole = network(images.to_array(Image.fromarray(padded), 3)[None])[0, :, :131, :150]
    made = tiling.run_tiled(network, picture, 3, 48, 4)
    assert np.abs(levels(made) - levels(images.from_array(whole))).max() <= 1


def test_where_tiles_differ_no_seam_shows() -> None:
    """Tiles a hundred levels apart: from a pixel to the next it is a few."""
    tones = iter([-0.4, 0.4] * 8)

    def network(batch: np.ndarray) -> np.ndarray:
        return np.full_like(batch[:, :1], next(tones))

    made = levels(tiling.run_tiled(network, noise(256, 64), 3, 128, 4))
    assert made.shape == (64, 256)
    assert np.ptp(made) > 90
    assert np.abs(np.diff(made, axis=1)).max() <= 8


@pytest.mark.parametrize("size", [(5000, 3), (3, 5000)])
def test_a_long_thin_picture(size: tuple[int, int]) -> None:
    largest = 0

    def network(batch: np.ndarray) -> np.ndarray:
        nonlocal largest
        largest = max(largest, batch.shape[2] * batch.shape[3])
        return batch[:, :1]

    assert tiling.run_tiled(network, noise(*size), 3, 64, 8).size == size
    assert largest <= 64 * 8
