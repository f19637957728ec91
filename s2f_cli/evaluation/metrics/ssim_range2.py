"""Structural similarity as older scikit-image versions compute it for floats in [0, 1] without a data range.

They assume floats in [-1, 1], a range of 2. This makes both constants four times as large and every score
higher. Its documentation warns of this, yet scripts that score images in [0, 1] often do so by accident.
"""

import torch

from s2f_cli.core.windows import uniform
from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._ssim import SOURCE, mean_ssim

__all__ = ["ssim_range2"]

_WINDOW = uniform(7)


def _ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return mean_ssim(generated, reference, _WINDOW, sample_covariance=True, data_range=2.0)


ssim_range2 = PairMetric(
    title="SSIM range 2",
    better="higher",
    unit="-1 to 1",
    variant="scikit-image's default of floats: flat window 7, sample covariance, data range 2, "
    "mean over channels",
    source=f"{SOURCE}; scikit-image's estimate of the range of floats",
    score=_ssim,
)
