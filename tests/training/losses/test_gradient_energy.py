"""Gradient energy against scikit-image's Sobel filters, and what the loss bears."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from skimage.filters import sobel_h, sobel_v
from torch import Tensor

from s2f_cli.training.losses.gradient_energy import GradientEnergy


@pytest.fixture
def strokes() -> Tensor:
    """A sketch (1, 1, 66, 66) of thin dark lines on white."""
    image = torch.ones(1, 1, 66, 66, dtype=torch.float64)
    image[..., 5::8, :] = -1
    return image


def root_energies(image: Tensor, size: int) -> np.ndarray:
    gray = image[0, 0].numpy()
    energy = (sobel_h(gray) ** 2 + sobel_v(gray) ** 2)[1:-1, 1:-1]
    count = energy.shape[0] // size
    return np.sqrt(energy.reshape(count, size, count, size).mean(axis=(1, 3)))


def test_regions_have_the_gradients_of_scikit_image(strokes: Tensor) -> None:
    torch.manual_seed(0)
    other = strokes + 0.3 * torch.randn_like(strokes)
    expected = np.mean(
        [np.abs(root_energies(strokes, size) - root_energies(other, size)).mean() for size in (8, 32)]
    )
    assert float(GradientEnergy()(strokes, other)) == pytest.approx(expected, rel=1e-4)


def test_a_shifted_stroke_costs_less_than_a_blurred_one(strokes: Tensor) -> None:
    loss = GradientEnergy(sizes=[16])
    shifted, blurred = strokes.roll(2, dims=2), F.avg_pool2d(strokes, (5, 1), stride=1, padding=(2, 0))
    assert float(loss(strokes, strokes)) == 0
    assert float(loss(shifted, strokes)) < 0.1 * float(loss(blurred, strokes))
    assert F.l1_loss(shifted, strokes) > F.l1_loss(blurred, strokes)


def test_the_gradient_is_finite_where_an_image_is_flat(strokes: Tensor) -> None:
    flat = torch.zeros_like(strokes).requires_grad_()
    GradientEnergy()(flat, strokes).backward()
    assert flat.grad is not None and bool(flat.grad.isfinite().all())


def test_autocast_changes_nothing(strokes: Tensor) -> None:
    images = strokes.float(), 0.5 * strokes.float()
    with torch.autocast("cpu", torch.bfloat16):
        inside = GradientEnergy()(*images)
    assert torch.equal(inside, GradientEnergy()(*images))


def test_small_images_and_invalid_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="33 pixels are smaller than a region of 32"):
        GradientEnergy()(torch.zeros(1, 1, 33, 40), torch.zeros(1, 1, 33, 40))
    for sizes in ([], [1, 8]):
        with pytest.raises(ValueError, match="2 pixels or more"):
            GradientEnergy(sizes)
