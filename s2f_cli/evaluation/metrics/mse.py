"""Mean squared error of levels in [0, 1], as in report D (section IV-B, tables III and IV)."""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric

__all__ = ["mse"]


def _mse(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return (generated.double() - reference.double()).square().mean(dim=(1, 2, 3))


mse = PairMetric(
    title="MSE",
    better="lower",
    unit="0 to 1",
    variant="images in [0, 1], mean over pixels and channels",
    source="report D, section IV-B",
    score=_mse,
)
