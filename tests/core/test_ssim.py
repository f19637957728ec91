"""The SSIM maps that metrics and the training loss share."""

import pytest
import torch
import torch.nn.functional as F

from s2f_cli.core.ssim import ssim_maps
from s2f_cli.core.windows import gaussian, smooth, uniform


def _images(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    first = torch.rand(2, 3, 20, 24, generator=draw, dtype=torch.float64)
    return first, (first + 0.2 * torch.rand(first.shape, generator=draw, dtype=torch.float64)) / 1.2


@pytest.mark.parametrize("window", [gaussian(11, 1.5), uniform(7)])
def test_windows_sum_to_one_and_smooth_like_a_convolution(window: tuple[float, ...]) -> None:
    assert sum(window) == pytest.approx(1)
    images, _ = _images()
    weights = torch.tensor(window, dtype=torch.float64)
    kernel = (weights[:, None] * weights).expand(3, 1, -1, -1)
    torch.testing.assert_close(smooth(images, window), F.conv2d(images, kernel, groups=3))


def test_maps_lack_the_border_and_are_one_for_equal_images() -> None:
    first, _ = _images()
    for part in ssim_maps(first, first, gaussian(11, 1.5)):
        assert part.shape == (2, 3, 10, 14)
        torch.testing.assert_close(part, torch.ones_like(part))


def test_maps_are_symmetric() -> None:
    first, second = _images()
    for part, other in zip(
        ssim_maps(first, second, uniform(7)), ssim_maps(second, first, uniform(7)), strict=True
    ):
        torch.testing.assert_close(part, other)


def test_structure_is_invariant_to_the_range_and_maps_to_the_centre() -> None:
    first, second = _images()
    window = gaussian(11, 1.5)
    _, structure = ssim_maps(first, second, window)
    _, doubled = ssim_maps(2 * first - 1, 2 * second - 1, window, data_range=2.0, centre=0.0)
    torch.testing.assert_close(structure, doubled)
    for part, other in zip(
        ssim_maps(first, second, window), ssim_maps(first, second, window, centre=0.0), strict=True
    ):
        torch.testing.assert_close(part, other)


def test_gradients_are_those_of_finite_differences() -> None:
    first, second = (images[:1, :1, :6, :6].contiguous() for images in _images())

    def similarity(images: torch.Tensor) -> torch.Tensor:
        luminance, structure = ssim_maps(images, second, uniform(3))
        return (luminance * structure).mean()

    assert torch.autograd.gradcheck(similarity, (first.requires_grad_(),))


def test_images_smaller_than_the_window_are_refused() -> None:
    with pytest.raises(ValueError, match="smaller than the window of 11"):
        ssim_maps(torch.zeros(1, 1, 10, 30), torch.zeros(1, 1, 10, 30), gaussian(11, 1.5))
