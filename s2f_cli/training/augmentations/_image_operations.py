"""Operations on images (rows, channels, height, width) in [0, 1], each row with parameters of its own.

Random numbers come from one generator per row, on the CPU. Functions that return None work in place.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Generators = Sequence[np.random.Generator]


def to_unit_range(levels: Tensor) -> Tensor:
    """Convert levels 0 to 255 to floats in [0, 1]."""
    return levels.float().div_(255)


def to_levels(images: Tensor) -> Tensor:
    """Convert floats to uint8 levels 0 to 255; values outside [0, 1] are clipped."""
    return (images * 255).clamp_(0, 255).round_().to(torch.uint8)


def per_row(numbers: npt.ArrayLike, device: torch.device) -> Tensor:
    """Convert numbers (rows, n) to a tensor (rows, n, 1, 1) that broadcasts over images."""
    return torch.tensor(np.asarray(numbers, np.float32)).to(device, non_blocking=True)[:, :, None, None]


def select_rows(images: Tensor, rows: Sequence[int]) -> Tensor:
    """Return a copy of some rows."""
    return images.index_select(0, torch.tensor(rows).to(images.device, non_blocking=True))


def replace_rows(images: Tensor, rows: Sequence[int], replacement: Tensor) -> None:
    """Overwrite some rows."""
    images.index_copy_(0, torch.tensor(rows).to(images.device, non_blocking=True), replacement)


def linear_gradient(direction: Tensor, height: int, width: int) -> Tensor:
    """Return (rows, 1, height, width) that rises from about -0.5 to 0.5 in a direction.

    `direction` is (rows, 1, 1, 1), in radians: 0 is to the right, π/2 down.
    """
    x = torch.linspace(-0.5, 0.5, width, device=direction.device)
    y = torch.linspace(-0.5, 0.5, height, device=direction.device)[:, None]
    return direction.cos() * x + direction.sin() * y


def adjust_contrast(
    images: Tensor, pivot: Tensor, contrast: Tensor, brightness: Tensor | float = 0.0
) -> None:
    """Multiply the distance of all values from `pivot` by `contrast`, then add `brightness`."""
    images.mul_(contrast).add_(pivot * (1 - contrast) + brightness)


def add_shading(images: Tensor, generators: Generators, *, strength: float, probability: float) -> None:
    """Brighten one side and darken the opposite one, by a random share of up to `strength` / 2."""
    drawn = [
        (generator.uniform(0, strength), generator.uniform(0, 2 * np.pi))
        if generator.random() < probability
        else (0.0, 0.0)
        for generator in generators
    ]
    amount, direction = per_row(drawn, images.device).split(1, dim=1)
    images.mul_(1 + amount * linear_gradient(direction, *images.shape[2:]))


def gaussian_blur(images: Tensor, sigmas: Sequence[float]) -> Tensor:
    """Blur each row with a Gaussian of its own standard deviation, in pixels, above 0.

    Borders are replicated. The blur is a sum of shifted images: with kernels as narrow as these, convolutions
    and matrix products are slower on a CPU.
    """
    radius = int(3 * max(sigmas) + 0.5)
    offset, sigma = np.arange(-radius, radius + 1), np.array(sigmas)[:, None]
    weights = np.where(np.abs(offset) <= 3 * sigma + 0.5, np.exp(-0.5 * (offset / sigma) ** 2), 0)
    kernel = per_row(weights / weights.sum(axis=1, keepdims=True), images.device).split(1, dim=1)
    for axis, padding in ((3, (radius, radius, 0, 0)), (2, (0, 0, radius, radius))):
        length, padded = images.shape[axis], F.pad(images, padding, mode="replicate")
        images = torch.zeros_like(images)
        for start, weight in enumerate(kernel):
            images.addcmul_(padded.narrow(axis, start, length), weight)
    return images


def change_sharpness(images: Tensor, changes: Sequence[tuple[float, float] | None]) -> None:
    """Blur or sharpen rows (unsharp masking), each by (sigma, amount); None leaves a row unchanged.

    `amount` times the difference of the row from its blur of `sigma` pixels is added: -1 gives the blur
    itself, a positive amount sharpens.
    """
    rows = [row for row, change in enumerate(changes) if change]
    if rows:
        sigmas, amounts = zip(*(change for change in changes if change), strict=True)
        amount = per_row([(amount,) for amount in amounts], images.device)
        selected = select_rows(images, rows)
        replace_rows(images, rows, torch.lerp(gaussian_blur(selected, sigmas), selected, 1 + amount))


def add_noise(images: Tensor, generators: Generators, *, strength: float, probability: float) -> None:
    """Add normal noise with a random standard deviation of 0.005 to `strength`."""
    for image, generator in zip(images, generators, strict=True):
        if generator.random() < probability:
            noise = torch.from_numpy(generator.standard_normal(image.shape, np.float32))
            image.add_(noise.to(image.device, non_blocking=True), alpha=generator.uniform(0.005, strength))
