import numpy as np
import pytest
from skimage.metrics import structural_similarity

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics.ssim import ssim


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(64, 80), (11, 30), (129, 127)])
def test_equals_scikit_image(make_images, channels, height, width):
    generated, reference = make_images(2, channels, height, width)
    expected = [
        structural_similarity(
            g.numpy().astype(np.float64),
            r.numpy().astype(np.float64),
            channel_axis=0,
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for g, r in zip(generated, reference, strict=True)
    ]
    np.testing.assert_allclose(ssim.score(generated, reference), expected, rtol=1e-6)


def test_equal_images_score_one(make_images):
    _, reference = make_images(1)
    assert ssim.score(reference, reference).item() == pytest.approx(1, abs=1e-7)


def test_images_smaller_than_the_window_are_refused(make_images):
    generated, reference = make_images(1, height=10)
    with pytest.raises(MetricError, match="80x10 pixels are smaller than the window of 11"):
        ssim.score(generated, reference)
