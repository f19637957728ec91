import math

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, sobel

from s2f_cli.evaluation.metrics.sharpness import sharpness


def _tenengrad(image):
    return (sobel(image, 0) ** 2 + sobel(image, 1) ** 2)[1:-1, 1:-1].mean()


def test_compares_the_energies_of_sobel_gradients(make_images):
    generated, reference = (images.mean(dim=1, keepdim=True) for images in make_images())
    energies, reference_energies = (
        [_tenengrad(image[0].double().numpy()) for image in images] for images in (generated, reference)
    )
    expected = np.minimum(energies, reference_energies) / np.maximum(energies, reference_energies)
    np.testing.assert_allclose(sharpness.score(generated, reference), expected, rtol=1e-9)


def test_an_image_too_soft_and_one_too_sharp_score_alike(make_images):
    _, sharp = make_images(1)
    soft = torch.tensor(gaussian_filter(sharp.numpy(), (0, 0, 2, 2)))
    blurred, sharper = sharpness.score(soft, sharp).item(), sharpness.score(sharp, soft).item()
    assert blurred == sharper < 0.5


@pytest.mark.parametrize(("other", "score"), [("flat", math.nan), ("lined", 0.0)])
def test_a_flat_image_scores_zero_or_is_undefined(other, score):
    flat = torch.full((1, 1, 16, 16), 0.5)
    lined = flat.clone()
    lined[..., ::4] = 1.0
    result = sharpness.score(flat, {"flat": flat, "lined": lined}[other]).item()
    assert result == pytest.approx(score, nan_ok=True)
