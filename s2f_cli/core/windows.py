"""Weighted means under windows that slide over images, on any device, with gradients."""

import torch
from torch import Tensor

Window = tuple[float, ...]
"""The weights of a separable window along one axis; they sum to 1."""


def gaussian(size: int, sigma: float) -> Window:
    """A Gaussian window of `size` pixels with standard deviation `sigma`."""
    positions = torch.arange(size, dtype=torch.float64, device="cpu") - (size - 1) / 2
    weights = torch.exp(-positions.square() / (2 * sigma**2))
    return tuple((weights / weights.sum()).tolist())


def uniform(size: int) -> Window:
    """A flat window of `size` pixels."""
    return (1 / size,) * size


def smooth(images: Tensor, window: Window) -> Tensor:
    """Weighted means of images (…, H, W) where the window fits; returns (…, H - size + 1, W - size + 1)."""
    return slide(slide(images, window, -2), window, -1)


def slide(images: Tensor, weights: Window, axis: int) -> Tensor:
    """Weighted sums of neighbours along one axis, which becomes `len(weights) - 1` shorter."""
    length = images.shape[axis] - len(weights) + 1
    total = images.narrow(axis, 0, length) * weights[0]
    for start, weight in enumerate(weights[1:], start=1):
        total.add_(images.narrow(axis, start, length), alpha=weight)
    return total
