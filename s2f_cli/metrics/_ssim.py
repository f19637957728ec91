"""The structural similarity map, for the metrics that are built on it.

Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli: Image quality assessment: from error visibility to structural
similarity, IEEE TIP 13(4), 2004.
"""

import torch
import torch.nn.functional as F

from s2f_cli.errors import MetricError

SOURCE = "Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004"
_LUMINANCE = 0.01**2
_CONTRAST = 0.03**2
_MIDDLE = 0.5


def gaussian(size: int, sigma: float) -> torch.Tensor:
    """A Gaussian window (size,) that sums to 1."""
    places = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    weights = torch.exp(-places.square() / (2 * sigma**2))
    return (weights / weights.sum()).float()


def uniform(size: int) -> torch.Tensor:
    """A flat window (size,) that sums to 1."""
    return torch.full((size,), 1 / size)


def smooth(images: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
    """Images (N, C, H, W) under a separable window where it fits: (N, C, H - size + 1, W - size + 1)."""
    channels, size = images.shape[1], len(window)
    down = window.view(1, 1, size, 1).expand(channels, 1, size, 1)
    across = window.view(1, 1, 1, size).expand(channels, 1, 1, size)
    return F.conv2d(F.conv2d(images, down, groups=channels), across, groups=channels)


def maps(
    generated: torch.Tensor, reference: torch.Tensor, window: torch.Tensor, *, sample: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """The luminance and the contrast-structure map (equation 13, its two factors), without the border.

    `sample` divides the covariance by n - 1 as scikit-image does by default. Raises MetricError when the
    images are smaller than the window.
    """
    size = len(window)
    if min(generated.shape[-2:]) < size:
        height, width = generated.shape[-2:]
        raise MetricError(
            f"images of {width}x{height} pixels are smaller than the window of {size}",
            "compare larger images",
        )
    channels = generated.shape[1]
    first, second = generated - _MIDDLE, reference - _MIDDLE
    squares = first.square() + second.square()
    smoothed = smooth(torch.cat([first, second, squares, first * second], dim=1), window)
    mean, other_mean, power, product = smoothed.split(channels, dim=1)
    correction = size**2 / (size**2 - 1) if sample else 1.0
    variances = correction * (power - mean.square() - other_mean.square())
    covariance = correction * (product - mean * other_mean)
    mean, other_mean = mean + _MIDDLE, other_mean + _MIDDLE
    luminance = (2 * mean * other_mean + _LUMINANCE) / (mean.square() + other_mean.square() + _LUMINANCE)
    structure = (2 * covariance + _CONTRAST) / (variances + _CONTRAST)
    return luminance, structure


def ssim_of(
    generated: torch.Tensor, reference: torch.Tensor, window: torch.Tensor, *, sample: bool = False
) -> torch.Tensor:
    """The mean SSIM of each pair over pixels and channels (N,)."""
    luminance, structure = maps(generated, reference, window, sample=sample)
    return (luminance * structure).double().mean(dim=(1, 2, 3))
