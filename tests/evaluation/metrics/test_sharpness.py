import math

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage.filters import sobel_h, sobel_v

from s2f_cli.evaluation.metrics.sharpness import sharpness


def _tenengrad(image):
    return (sobel_h(image) ** 2 + sobel_v(image) ** 2)[1:-1, 1:-1].mean()


def test_compares_the_energies_of_scikit_images_sobel_gradients(pictures):
    generated, reference = (images.mean(dim=1, keepdim=True) for images in pictures())
    made, true = ([_tenengrad(image[0].numpy()) for image in images] for images in (generated, reference))
    expected = np.minimum(made, true) / np.maximum(made, true)
    np.testing.assert_allclose(sharpness.score(generated, reference), expected, rtol=1e-5)


def test_a_blurred_and_a_harsher_image_score_alike(pictures):
    _, sharp = pictures(1)
    soft = torch.tensor(gaussian_filter(sharp.numpy(), (0, 0, 2, 2)))
    blurred, harsher = sharpness.score(soft, sharp).item(), sharpness.score(sharp, soft).item()
    assert blurred == harsher < 0.5


@pytest.mark.parametrize(("other", "score"), [("flat", math.nan), ("lined", 0.0)])
def test_a_flat_image(other, score):
    flat = torch.full((1, 1, 16, 16), 0.5)
    lined = flat.clone()
    lined[..., ::4] = 1.0
    found = sharpness.score(flat, {"flat": flat, "lined": lined}[other]).item()
    assert found == pytest.approx(score, nan_ok=True)
