"""The structural similarity map, for the metrics that are built on it.

Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli: Image quality assessment: from error visibility to structural
similarity, IEEE TIP 13(4), 2004.
"""

import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._windows import smooth

SOURCE = "Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004"
_MIDDLE = 0.5


def maps(
    generated: torch.Tensor,
    reference: torch.Tensor,
    window: tuple[float, ...],
    *,
    sample: bool = False,
    data_range: float = 1.0,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The luminance and the contrast-structure map (equation 13, its two factors), without the border.

    `sample` divides the covariance by n - 1, as scikit-image does by default; `data_range` is the L of both
    constants, (0.01 L)² and (0.03 L)². Raises MetricError when the images are smaller than the window.
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
    for_luminance, for_contrast = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    correction = size**2 / (size**2 - 1) if sample else 1.0
    variances = correction * (power - mean.square() - other_mean.square())
    covariance = correction * (product - mean * other_mean)
    mean, other_mean = mean + _MIDDLE, other_mean + _MIDDLE
    squares = mean.square() + other_mean.square()
    luminance = (2 * mean * other_mean + for_luminance) / (squares + for_luminance)
    structure = (2 * covariance + for_contrast) / (variances + for_contrast)
    return luminance, structure


def ssim_of(
    generated: torch.Tensor,
    reference: torch.Tensor,
    window: tuple[float, ...],
    *,
    sample: bool = False,
    data_range: float = 1.0,
) -> torch.Tensor:
    """The mean SSIM of each pair over pixels and channels (N,)."""
    luminance, structure = maps(generated, reference, window, sample=sample, data_range=data_range)
    return (luminance * structure).double().mean(dim=(1, 2, 3))
