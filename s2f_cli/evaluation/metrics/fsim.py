"""Feature similarity of luminance only."""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._fsim import SOURCE, fsim_of

__all__ = ["fsim"]


def _fsim(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return fsim_of(generated, reference, colour=False)


fsim = PairMetric(
    title="FSIM",
    better="higher",
    unit="0 to 1",
    variant="brightness only, shrunk to about 256 pixels",
    source=SOURCE,
    score=_fsim,
)
