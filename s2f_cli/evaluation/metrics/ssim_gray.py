"""Structural similarity of brightness alone: the variant of papers that convert to gray first."""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._gray import luma
from s2f_cli.evaluation.metrics._ssim import SOURCE, ssim_of
from s2f_cli.evaluation.metrics._windows import gaussian

__all__ = ["ssim_gray"]

_WINDOW = gaussian(11, 1.5)


def _ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return ssim_of(luma(generated), luma(reference), _WINDOW)


ssim_gray = PairMetric(
    title="SSIM gray",
    better="higher",
    unit="-1 to 1",
    variant="Gaussian window 11, sigma 1.5, data range 1, no border, BT.601 luma",
    source=SOURCE,
    score=_ssim,
)
