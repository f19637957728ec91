"""Structural similarity as its paper defines it.

scikit-image computes the same with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`.
"""

import torch

from s2f_cli.core.windows import gaussian
from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._ssim import SOURCE, mean_ssim

__all__ = ["ssim"]

_WINDOW = gaussian(11, 1.5)


def _ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return mean_ssim(generated, reference, _WINDOW)


ssim = PairMetric(
    title="SSIM",
    better="higher",
    unit="-1 to 1",
    variant="Gaussian window 11, sigma 1.5, data range 1, no border, mean over channels",
    source=SOURCE,
    score=_ssim,
)
