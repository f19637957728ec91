"""Multi-scale structural similarity.

Z. Wang, E. Simoncelli, A. Bovik: Multi-scale structural similarity for image quality assessment, Asilomar
2003.
"""

import torch
import torch.nn.functional as F

from s2f_cli.core.ssim import ssim_maps
from s2f_cli.core.windows import gaussian
from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric

__all__ = ["ms_ssim"]

_WINDOW = gaussian(11, 1.5)
_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_SMALLEST = len(_WINDOW) * 2 ** (len(_WEIGHTS) - 1)


def _ms_ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """Equation 7, averaged over channels. Negative means count as 0, not as complex numbers."""
    height, width = generated.shape[-2:]
    if min(height, width) < _SMALLEST:
        raise ImageTooSmall(
            f"images of {width}x{height} pixels are too small for five scales, which need {_SMALLEST}",
            "compare larger images, or use --metric ssim",
        )
    product = torch.ones((), dtype=torch.float64)
    for scale, weight in enumerate(_WEIGHTS, start=1):
        luminance, structure = ssim_maps(generated, reference, _WINDOW)
        similarities = luminance * structure if scale == len(_WEIGHTS) else structure
        product = product * similarities.double().mean(dim=(2, 3)).clamp(min=0) ** weight
        generated, reference = _halve(generated), _halve(reference)
    return product.mean(dim=1).clamp(max=1)


def _halve(images: torch.Tensor) -> torch.Tensor:
    """Means of 2×2 pixels; an odd size repeats its last row or column."""
    height, width = images.shape[-2:]
    return F.avg_pool2d(F.pad(images, (0, width % 2, 0, height % 2), mode="replicate"), 2)


ms_ssim = PairMetric(
    title="MS-SSIM",
    better="higher",
    unit="0 to 1",
    variant="5 scales, Gaussian window 11, sigma 1.5, data range 1, no border, mean over channels",
    source="Wang, Simoncelli, Bovik, Asilomar 2003",
    score=_ms_ssim,
)
