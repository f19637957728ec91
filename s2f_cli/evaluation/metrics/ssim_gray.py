"""Structural similarity of luma alone, the variant of papers that convert images to gray first."""

import torch

from s2f_cli.core.windows import gaussian
from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._gray import luma
from s2f_cli.evaluation.metrics._ssim import SOURCE, mean_ssim

__all__ = ["ssim_gray"]

_WINDOW = gaussian(11, 1.5)


def _ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return mean_ssim(luma(generated), luma(reference), _WINDOW)


ssim_gray = PairMetric(
    title="SSIM gray",
    better="higher",
    unit="-1 to 1",
    variant="Gaussian window 11, sigma 1.5, data range 1, no border, BT.601 luma",
    source=SOURCE,
    score=_ssim,
)
