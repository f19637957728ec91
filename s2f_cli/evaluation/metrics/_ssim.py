"""SSIM of pairs of images, for the metrics that are variants of it."""

import torch

from s2f_cli.core.ssim import ssim_maps
from s2f_cli.core.windows import Window
from s2f_cli.evaluation.metrics._contract import ImageTooSmall

SOURCE = "Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004"


def mean_ssim(
    generated: torch.Tensor,
    reference: torch.Tensor,
    window: Window,
    *,
    sample_covariance: bool = False,
    data_range: float = 1.0,
) -> torch.Tensor:
    """The mean SSIM (N,) of pairs (N, C, H, W) over pixels and channels, in float64.

    Raises ImageTooSmall for images smaller than the window. The other arguments are those of `ssim_maps`.
    """
    height, width = generated.shape[-2:]
    if min(height, width) < len(window):
        raise ImageTooSmall(
            f"images of {width}x{height} pixels are smaller than the window of {len(window)}",
            "compare larger images",
        )
    luminance, structure = ssim_maps(
        generated, reference, window, sample_covariance=sample_covariance, data_range=data_range
    )
    return (luminance * structure).double().mean(dim=(1, 2, 3)).clamp(-1, 1)
