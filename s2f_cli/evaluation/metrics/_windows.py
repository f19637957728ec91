"""Windows that slide over images."""

import torch
import torch.nn.functional as F


def gaussian(size: int, sigma: float) -> tuple[float, ...]:
    """A Gaussian window of `size` weights that sum to 1."""
    places = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    weights = torch.exp(-places.square() / (2 * sigma**2))
    return tuple((weights / weights.sum()).tolist())


def uniform(size: int) -> tuple[float, ...]:
    """A flat window of `size` weights that sum to 1."""
    return (1 / size,) * size


def smooth(images: torch.Tensor, window: tuple[float, ...]) -> torch.Tensor:
    """Images (…, H, W) under a separable window where it fits: (…, H - size + 1, W - size + 1)."""
    return _slide(_slide(images, window, -2), window, -1)


def _slide(images: torch.Tensor, window: tuple[float, ...], axis: int) -> torch.Tensor:
    length = images.shape[axis] - len(window) + 1
    total = images.narrow(axis, 0, length) * window[0]
    for start, weight in enumerate(window[1:], start=1):
        total.add_(images.narrow(axis, start, length), alpha=weight)
    return total


def shrink(images: torch.Tensor, factor: int) -> torch.Tensor:
    """Means of squares, a pixel for each `factor`: `conv2(…, 'same')` of MATLAB, black beyond the border."""
    if factor == 1:
        return images
    before, after = (factor - 1) // 2, factor // 2
    return F.avg_pool2d(F.pad(images, (before, after, before, after)), factor)


def gradient(images: torch.Tensor, smoothing: tuple[float, float, float]) -> torch.Tensor:
    """Gradient magnitudes of images (…, H, W), black beyond the border, of differences two pixels apart."""
    padded = F.pad(images, (1, 1, 1, 1))
    across, down = _slide(padded, smoothing, -2), _slide(padded, smoothing, -1)
    return torch.hypot(across[..., 2:] - across[..., :-2], down[..., 2:, :] - down[..., :-2, :])


def similarity(first: torch.Tensor, second: torch.Tensor, constant: float) -> torch.Tensor:
    """(2ab + c) / (a² + b² + c), element by element: 1 where they are equal."""
    return (2 * first * second + constant) / (first.square() + second.square() + constant)
