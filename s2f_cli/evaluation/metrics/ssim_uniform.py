"""Structural similarity with scikit-image's default settings, which many scripts use unchanged."""

import torch

from s2f_cli.core.windows import uniform
from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._ssim import SOURCE, mean_ssim

__all__ = ["ssim_uniform"]

_WINDOW = uniform(7)


def _ssim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return mean_ssim(generated, reference, _WINDOW, sample_covariance=True)


ssim_uniform = PairMetric(
    title="SSIM uniform",
    better="higher",
    unit="-1 to 1",
    variant="scikit-image's default: flat window 7, sample covariance, data range 1, mean over channels",
    source=f"{SOURCE}; scikit-image's defaults",
    score=_ssim,
)
