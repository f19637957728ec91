"""Peak signal-to-noise ratio."""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric

__all__ = ["psnr"]


def _psnr(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    error = (generated.double() - reference.double()).square().mean(dim=(1, 2, 3))
    return 0.0 - 10 * error.log10()


psnr = PairMetric(
    title="PSNR",
    better="higher",
    unit="dB",
    variant="peak 1, mean over pixels and channels; equal images score infinity",
    source="ITU-T J.340, Reference algorithm for computing peak signal to noise ratio",
    score=_psnr,
)
