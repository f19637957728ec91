"""The person in a photo, beside MediaPipe."""

import numpy as np
from PIL import Image
from skimage import data

from s2f_cli.models import graphs
from s2f_cli.models.pretrained.person_mask import GRAPH, WEIGHTS, person_mask

MEDIAPIPE = [
    [0.000, 0.000, 0.002, 0.315, 0.464, 0.115, 0.000, 0.000],
    [0.000, 0.037, 0.695, 1.000, 1.000, 0.954, 0.119, 0.000],
    [0.000, 0.192, 1.000, 1.000, 1.000, 1.000, 0.384, 0.000],
    [0.000, 0.039, 0.844, 1.000, 1.000, 0.974, 0.182, 0.000],
    [0.000, 0.045, 0.480, 1.000, 1.000, 0.378, 0.000, 0.000],
    [0.165, 0.944, 1.000, 1.000, 1.000, 0.219, 0.000, 0.000],
    [0.655, 1.000, 1.000, 1.000, 1.000, 0.958, 0.179, 0.000],
    [1.000, 1.000, 1.000, 1.000, 1.000, 1.000, 0.539, 0.006],
]
"""Means of 32×32 pixels of MediaPipe's mask: tests/benchmarks/person_mask_weights.py prints them."""


def test_equals_mediapipe() -> None:
    mask = person_mask(data.astronaut()[:256, 96:352])
    assert mask.dtype == np.float32 and mask.shape == (256, 256)
    means = mask.reshape(8, 32, 8, 32).mean(axis=(1, 3))
    np.testing.assert_allclose(means, MEDIAPIPE, atol=6e-4)  # they have three decimals


def test_a_mask_has_the_size_of_its_photo() -> None:
    astronaut = Image.fromarray(data.astronaut()[:300, 100:350])
    small, gray = astronaut.resize((50, 60)), astronaut.convert("L")
    masks = [person_mask(photo) for photo in (astronaut, small, gray)]
    assert [mask.shape for mask in masks] == [(300, 250), (60, 50), (300, 250)]
    for mask in masks:
        height, width = mask.shape
        assert 0 <= mask.min() < 0.01 and 0.99 < mask.max() <= 1
        assert mask[height // 3, width // 2] > 0.9 and mask[0, 0] < 0.1


def test_counts_its_parameters() -> None:
    graph = graphs.read(WEIGHTS)[GRAPH]
    assert sum(values.size for values in graphs.read_weights(WEIGHTS, graph).values()) == 106_401
    assert graph.parameters == 106_401
