"""Feature similarity of luminance and colour."""

import torch

from s2f_cli.evaluation.metrics._contract import PairMetric
from s2f_cli.evaluation.metrics._fsim import SOURCE, fsim_of

__all__ = ["fsimc"]


def _fsimc(generated: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return fsim_of(generated, reference, colour=True)


fsimc = PairMetric(
    title="FSIMc",
    better="higher",
    unit="0 to 1",
    variant="brightness and colour, shrunk to about 256 pixels",
    source=SOURCE,
    score=_fsimc,
)
