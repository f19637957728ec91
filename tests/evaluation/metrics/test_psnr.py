import math

import numpy as np
from skimage.metrics import peak_signal_noise_ratio

from s2f_cli.evaluation.metrics.psnr import psnr


def test_equals_scikit_image(make_images):
    generated, reference = make_images()
    expected = [
        peak_signal_noise_ratio(r.numpy(), g.numpy(), data_range=1.0)
        for g, r in zip(generated, reference, strict=True)
    ]
    np.testing.assert_allclose(psnr.score(generated, reference), expected, rtol=1e-6)


def test_equal_images_score_infinity(make_images):
    _, reference = make_images(1)
    assert psnr.score(reference, reference).item() == math.inf
