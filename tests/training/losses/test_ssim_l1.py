"""SSIM as a loss, against scikit-image's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity
from torch import Tensor

from s2f_cli.training.losses.ssim_l1 import SSIMandL1


def reference(made: Tensor, true: Tensor) -> float:
    """scikit-image's mean over images and channels, within the border that the window needs."""
    values = []
    for one, other in zip(made.flatten(0, 1).numpy(), true.flatten(0, 1).numpy(), strict=True):
        options = {"data_range": 2.0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        _, map_ = structural_similarity(one, other, full=True, **options)
        values.append(map_[5:-5, 5:-5].mean())
    return float(np.mean(values))


@pytest.fixture
def images() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    true = F.interpolate(torch.rand(2, 3, 6, 8), scale_factor=8, mode="bicubic").double() * 2 - 1
    return (true + 0.2 * torch.randn_like(true)).clamp(-1, 1), true


def test_one_scale_is_scikit_image_s(images: tuple[Tensor, Tensor]) -> None:
    loss = SSIMandL1(share=1.0, scales=1)
    assert float(1 - loss(*images)) == pytest.approx(reference(*images), rel=1e-6)


def test_scales_are_halves(images: tuple[Tensor, Tensor]) -> None:
    halves = [F.avg_pool2d(one, 2) for one in images]
    expected = (reference(*images) + reference(*halves)) / 2
    assert float(1 - SSIMandL1(share=1.0, scales=2)(*images)) == pytest.approx(expected, rel=1e-6)


def test_the_rest_is_the_absolute_error(images: tuple[Tensor, Tensor]) -> None:
    made, true = images
    expected = 0.25 * (1 - reference(made, true)) + 0.75 * float((made - true).abs().mean())
    assert float(SSIMandL1(share=0.25, scales=1)(made, true)) == pytest.approx(expected, rel=1e-6)


def test_autocast_does_not_touch_it(images: tuple[Tensor, Tensor]) -> None:
    made, true = (one.float() for one in images)
    with torch.autocast("cpu", torch.bfloat16):
        inside = SSIMandL1(scales=2)(made, true)
    assert torch.equal(inside, SSIMandL1(scales=2)(made, true))


def test_too_small_images_and_wrong_options_are_told() -> None:
    with pytest.raises(ValueError, match="8 pixels at the last of 3"):
        SSIMandL1()(torch.zeros(1, 1, 32, 48), torch.zeros(1, 1, 32, 48))
    with pytest.raises(ValueError, match="share"):
        SSIMandL1(share=1.5)
