"""SSIM as a loss, against scikit-image's."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity
from torch import Tensor

from s2f_cli.training.losses.ssim_l1 import SSIMandL1


def reference(prediction: Tensor, target: Tensor) -> float:
    """scikit-image's mean over images and channels, within the border that the window needs."""
    values = []
    for predicted, expected in zip(
        prediction.flatten(0, 1).numpy(), target.flatten(0, 1).numpy(), strict=True
    ):
        options = {"data_range": 2.0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        _, map_ = structural_similarity(predicted, expected, full=True, **options)
        values.append(map_[5:-5, 5:-5].mean())
    return float(np.mean(values))


@pytest.fixture
def images() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    target = F.interpolate(torch.rand(2, 3, 6, 8), scale_factor=8, mode="bicubic").double() * 2 - 1
    return (target + 0.2 * torch.randn_like(target)).clamp(-1, 1), target


def test_one_scale_matches_scikit_image(images: tuple[Tensor, Tensor]) -> None:
    loss = SSIMandL1(share=1.0, scales=1)
    assert float(1 - loss(*images)) == pytest.approx(reference(*images), rel=1e-6)


def test_each_scale_has_half_the_size(images: tuple[Tensor, Tensor]) -> None:
    halves = [F.avg_pool2d(image, 2) for image in images]
    expected = (reference(*images) + reference(*halves)) / 2
    assert float(1 - SSIMandL1(share=1.0, scales=2)(*images)) == pytest.approx(expected, rel=1e-6)


def test_the_remaining_share_weights_the_absolute_error(images: tuple[Tensor, Tensor]) -> None:
    prediction, target = images
    expected = 0.25 * (1 - reference(prediction, target)) + 0.75 * float((prediction - target).abs().mean())
    assert float(SSIMandL1(share=0.25, scales=1)(prediction, target)) == pytest.approx(expected, rel=1e-6)


def test_autocast_changes_nothing(images: tuple[Tensor, Tensor]) -> None:
    prediction, target = (image.float() for image in images)
    with torch.autocast("cpu", torch.bfloat16):
        inside = SSIMandL1(scales=2)(prediction, target)
    assert torch.equal(inside, SSIMandL1(scales=2)(prediction, target))


def test_small_images_and_invalid_options_are_refused() -> None:
    with pytest.raises(ValueError, match="8 pixels at the last of 3"):
        SSIMandL1()(torch.zeros(1, 1, 32, 48), torch.zeros(1, 1, 32, 48))
    with pytest.raises(ValueError, match="share"):
        SSIMandL1(share=1.5)
