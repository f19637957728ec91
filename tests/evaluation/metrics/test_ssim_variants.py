import numpy as np
import pytest
from skimage.metrics import structural_similarity
from skimage.util.dtype import dtype_range

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics.ms_ssim import ms_ssim
from s2f_cli.evaluation.metrics.ssim_gray import ssim_gray
from s2f_cli.evaluation.metrics.ssim_range2 import ssim_range2
from s2f_cli.evaluation.metrics.ssim_uniform import ssim_uniform

piq = pytest.importorskip("piq")


@pytest.mark.parametrize(("metric", "data_range"), [(ssim_uniform, 1.0), (ssim_range2, 2.0)])
def test_flat_windows_equal_scikit_image_defaults(make_images, metric, data_range):
    generated, reference = make_images(2)
    expected = [
        structural_similarity(g.double().numpy(), r.double().numpy(), channel_axis=0, data_range=data_range)
        for g, r in zip(generated, reference, strict=True)
    ]
    np.testing.assert_allclose(metric.score(generated, reference), expected, rtol=1e-6)


def test_a_data_range_of_two_equals_scikit_image_for_floats_and_scores_higher(make_images):
    generated, reference = make_images(1)
    lowest, highest = dtype_range[np.float64]
    first, second = (i[0].double().numpy() for i in (generated, reference))
    expected = structural_similarity(first, second, channel_axis=0, data_range=highest - lowest)
    assert ssim_range2.score(generated, reference).item() == pytest.approx(expected, rel=1e-6)
    assert expected > ssim_uniform.score(generated, reference).item()


def test_gray_is_the_ssim_of_the_luma(make_images):
    generated, reference = make_images(1)
    gray = [np.tensordot([0.299, 0.587, 0.114], i[0].double().numpy(), 1) for i in (generated, reference)]
    expected = structural_similarity(
        *gray, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim_gray.score(generated, reference).item() == pytest.approx(expected, rel=1e-6)


def test_multi_scale_equals_piq(make_images):
    generated, reference = make_images(2, 3, 176, 192)
    expected = piq.multi_scale_ssim(generated.double(), reference.double(), reduction="none")
    np.testing.assert_allclose(ms_ssim.score(generated, reference), expected, rtol=1e-6)


def test_multi_scale_refuses_small_images(make_images):
    with pytest.raises(MetricError, match="175x200 pixels are too small for five scales, which need 176"):
        ms_ssim.score(*make_images(1, height=200, width=175))


def test_multi_scale_of_inverted_images_is_zero_and_not_complex(make_images):
    _, reference = make_images(1, height=176, width=176)
    assert ms_ssim.score(1 - reference, reference).item() == 0
