"""The structural similarity map, for the metrics that are built on it.

Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli: Image quality assessment: from error visibility to structural
similarity, IEEE TIP 13(4), 2004.
"""

import torch

from s2f_cli.errors import MetricError
from s2f_cli.metrics._windows import smooth

SOURCE = "Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004"
_LUMINANCE = 0.01**2
_CONTRAST = 0.03**2
_MIDDLE = 0.5


def maps(
    generated: torch.Tensor, reference: torch.Tensor, window: tuple[float, ...], *, sample: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """The luminance and the contrast-structure map (equation 13, its two factors), without the border.

    `sample` divides the covariance by n - 1, as scikit-image does by default. Raises MetricError when the
    images are smaller than the window.
    """
    size = len(window)
    if min(generated.shape[-2:]) < size:
        height, width = generated.shape[-2:]
        raise MetricError(
            f"images of {width}x{height} pixels are smaller than the window of {size}",
            "compare larger images",
        )
    first, second = generated - _MIDDLE, reference - _MIDDLE
    squares = first.square() + second.square()
    mean, other_mean, power, product = smooth(
        torch.stack([first, second, squares, first * second]), window
    ).unbind()
    correction = size**2 / (size**2 - 1) if sample else 1.0
    variances = correction * (power - mean.square() - other_mean.square())
    covariance = correction * (product - mean * other_mean)
    mean, other_mean = mean + _MIDDLE, other_mean + _MIDDLE
    luminance = (2 * mean * other_mean + _LUMINANCE) / (mean.square() + other_mean.square() + _LUMINANCE)
    structure = (2 * covariance + _CONTRAST) / (variances + _CONTRAST)
    return luminance, structure


def ssim_of(
    generated: torch.Tensor, reference: torch.Tensor, window: tuple[float, ...], *, sample: bool = False
) -> torch.Tensor:
    """The mean SSIM of each pair over pixels and channels (N,)."""
    luminance, structure = maps(generated, reference, window, sample=sample)
    return (luminance * structure).double().mean(dim=(1, 2, 3))
