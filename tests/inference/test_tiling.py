"""Tiles blend into the whole image."""

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
def test_an_identity_network_returns_the_image(width: int, height: int, tile: int, step: int) -> None:
    """The weights of all tiles over a pixel add up to 1, and no tile is too large."""
    shapes = []

    def network(batch: np.ndarray) -> np.ndarray:
        shapes.append(batch.shape[2:])
        return batch

    image = noise(width, height)
    result = tiling.run_tiled(network, [(image, 3)], tile=tile, multiple=step)
    assert np.abs(levels(result) - levels(image)).max() <= 1
    longest = max(tile // step, 2) * step
    assert all(side <= longest and side % step == 0 for shape in shapes for side in shape)


def test_a_receptive_field_within_the_margin_gives_the_untiled_result() -> None:
    """Its result depends on the position of its pooling grid, and on a pixel's surroundings."""

    def network(batch: np.ndarray) -> np.ndarray:
        small = avg_pool2d(torch.from_numpy(batch), 4)
        return interpolate(small, scale_factor=4, mode="bilinear").numpy()

    image = noise(150, 131, seed=1)
    padded = np.pad(levels(image), ((0, 1), (0, 2), (0, 0)), mode="edge").astype(np.uint8)
    whole = network(images.to_array(Image.fromarray(padded), 3)[None])[0, :, :131, :150]
    result = tiling.run_tiled(network, [(image, 3)], tile=48, multiple=4)
    assert np.abs(levels(result) - levels(images.from_array(whole))).max() <= 1


def test_no_seam_shows_where_tiles_differ() -> None:
    """Tiles are a hundred levels apart, neighbouring pixels a few."""
    tones = iter([-0.4, 0.4] * 8)

    def network(batch: np.ndarray) -> np.ndarray:
        return np.full_like(batch[:, :1], next(tones))

    result = levels(tiling.run_tiled(network, [(noise(256, 64), 3)], tile=128, multiple=4))
    assert result.shape == (64, 256)
    assert np.ptp(result) > 90
    assert np.abs(np.diff(result, axis=1)).max() <= 8


@pytest.mark.parametrize("size", [(5000, 3), (3, 5000)])
def test_a_long_thin_image_is_run_in_small_tiles(size: tuple[int, int]) -> None:
    largest = 0

    def network(batch: np.ndarray) -> np.ndarray:
        nonlocal largest
        largest = max(largest, batch.shape[2] * batch.shape[3])
        return batch[:, :1]

    assert tiling.run_tiled(network, [(noise(*size), 3)], tile=64, multiple=8).size == size
    assert largest <= 64 * 8
