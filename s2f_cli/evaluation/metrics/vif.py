"""Visual information fidelity in the pixel domain, over four scales.

H. Sheikh, A. Bovik: Image information and visual quality, IEEE TIP 15(2), 2006. Scores equal those of the
authors' `vifp_mscale.m`.
"""

import torch

from s2f_cli.core.windows import Window, gaussian, smooth
from s2f_cli.evaluation.metrics._contract import ImageTooSmall, PairMetric
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["vif"]

_NOISE = 2.0
_TINY = 1e-10
_WINDOWS = tuple(gaussian(size, size / 5) for size in (17, 9, 5, 3))
_SMALLEST = 41


def _vif(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    height, width = generated.shape[-2:]
    if min(height, width) < _SMALLEST:
        raise ImageTooSmall(
            f"images of {width}x{height} pixels are too small: VIF needs {_SMALLEST} on each side",
            "use --metric ssim",
        )
    images = torch.stack([luma(reference.double(), 255), luma(generated.double(), 255)])
    passed = total = torch.zeros((), dtype=torch.float64)
    for scale, window in enumerate(_WINDOWS):
        if scale:
            images = smooth(images, window)[..., ::2, ::2]
        through_channel, in_reference = _information(images, window)
        passed, total = passed + through_channel, total + in_reference
    return passed / total


def _information(images: torch.Tensor, window: Window) -> tuple[torch.Tensor, torch.Tensor]:
    """Information that passes the distortion channel at one scale, and that of the reference, (N,)."""
    reference, distorted = images
    mean, other_mean, power, other_power, product = smooth(
        torch.stack([reference, distorted, reference.square(), distorted.square(), reference * distorted]),
        window,
    )
    variance = (power - mean.square()).clamp(min=0)
    other_variance = (other_power - other_mean.square()).clamp(min=0)
    covariance = product - mean * other_mean
    gain = covariance / (variance + _TINY)
    noise = other_variance - gain * covariance
    flat, other_flat = variance < _TINY, other_variance < _TINY
    gain = gain.masked_fill(flat | other_flat, 0)
    noise = torch.where(flat, other_variance, noise).masked_fill(other_flat, 0)
    noise = torch.where(gain < 0, other_variance, noise).clamp(min=_TINY)
    gain = gain.clamp(min=0)
    variance = variance.masked_fill(flat, 0)
    information = torch.log10(1 + gain.square() * variance / (noise + _NOISE)).sum(dim=(1, 2, 3))
    return information, torch.log10(1 + variance / _NOISE).sum(dim=(1, 2, 3))


vif = PairMetric(
    title="VIF",
    better="higher",
    unit="0 and up, 1 for equal images",
    variant="pixel domain, 4 scales, gray; undefined for a flat reference",
    source="Sheikh, Bovik, IEEE TIP 15(2), 2006",
    score=_vif,
)
