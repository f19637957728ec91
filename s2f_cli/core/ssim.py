"""Structural similarity, for the metrics and the training loss.

Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli: Image quality assessment: from error visibility to structural
similarity, IEEE TIP 13(4), 2004.
"""

import torch
from torch import Tensor

from s2f_cli.core.windows import Window, smooth


def ssim_maps(
    first: Tensor,
    second: Tensor,
    window: Window,
    *,
    data_range: float = 1.0,
    centre: float = 0.5,
    sample_covariance: bool = False,
) -> tuple[Tensor, Tensor]:
    """The luminance map and the contrast-structure map; their product is the SSIM map (equation 13).

    Args:
        first: images (N, C, H, W) with levels in a range of `data_range`, such as [0, 1] or [-1, 1].
        second: images of the same shape and range. The maps are symmetric in both.
        window: weights of the sliding window along one axis, such as `gaussian(11, 1.5)` of the paper.
        data_range: the L of the constants (0.01 L)² and (0.03 L)².
        centre: a level in the middle of the range, subtracted before squaring to keep float32 precise.
        sample_covariance: divide variances and covariances by n - 1 rather than n, like scikit-image.

    Returns:
        Two maps (N, C, H - size + 1, W - size + 1), without the border where the window does not fit. Both
        are 1 where the images are equal; the second is in [-1, 1].

    Raises:
        ValueError: the images are smaller than the window.
    """
    size = len(window)
    if min(first.shape[-2:]) < size:
        raise ValueError(f"images of {tuple(first.shape[-2:])} pixels are smaller than the window of {size}")
    a, b = first - centre, second - centre
    mean_a, mean_b, power, product = smooth(
        torch.stack([a, b, a.square() + b.square(), a * b]), window
    ).unbind()
    luminance_constant, contrast_constant = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    correction = size**2 / (size**2 - 1) if sample_covariance else 1.0
    variances = correction * (power - mean_a.square() - mean_b.square())
    covariance = correction * (product - mean_a * mean_b)
    mean_a, mean_b = mean_a + centre, mean_b + centre
    squares = mean_a.square() + mean_b.square()
    luminance = (2 * mean_a * mean_b + luminance_constant) / (squares + luminance_constant)
    structure = (2 * covariance + contrast_constant) / (variances + contrast_constant)
    return luminance, structure
