import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.feature import graycomatrix

from s2f_cli.evaluation.metrics.scoot import scoot


def _by_scikit_image(first, second):
    def textures(image):
        levels = np.minimum(image.astype(int) * 6 // 255, 5).astype(np.uint8)
        values = []
        rows, columns = ([size * k // 4 for k in range(5)] for size in image.shape)
        for i in range(4):
            for j in range(4):
                block = levels[rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
                counts = graycomatrix(block, [1], [0, -np.pi / 4, -np.pi / 2, -3 * np.pi / 4], levels=6)
                matrix = np.floor(counts.mean(axis=(2, 3)) + 0.5)
                shares = matrix / matrix.sum()
                steps = np.arange(6)
                values += [(shares * (steps[:, None] - steps) ** 2).sum(), (shares**2).sum()]
        return np.array(values)

    return 1 / (1 + np.linalg.norm(textures(first) - textures(second)))


@settings(max_examples=20, deadline=None)
@given(st.integers(16, 60), st.integers(16, 60), st.integers(0, 1000))
def test_equals_a_version_built_on_scikit_image_co_occurrence_matrices(height, width, seed):
    images = np.random.default_rng(seed).integers(0, 256, (2, height, width), dtype=np.uint8)
    images[1] //= 2
    score = scoot.score(*(torch.tensor(image)[None, None] / 255 for image in images))
    assert score.item() == pytest.approx(_by_scikit_image(*images), rel=1e-12)


def test_a_flat_image_is_undefined():
    flat, other = torch.full((1, 1, 32, 32), 0.5), torch.rand(1, 1, 32, 32)
    assert scoot.score(flat, other).isnan() and scoot.score(other, flat).isnan()


def test_equal_images_score_one(make_images):
    _, reference = make_images(1)
    assert scoot.score(reference, reference).item() == 1
