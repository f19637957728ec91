"""Supervised translation by a pixel loss (report C §3.1, report D §III-A, B, D)."""

from collections.abc import Iterator

from torch import nn

from s2f_cli.losses.mse import MSE
from s2f_cli.roles import Batch, Move, Networks

__all__ = ["reconstruction"]


def reconstruction(nets: Networks, batch: Batch, *, distance: nn.Module | None = None) -> Iterator[Move]:
    """One move of the player `translators`: for each direction of the recipe, the distance from the true image.

    The term is named after the domain made (`face`, `sketch`); the batch must be paired. Directions share nothing
    but the step, so both are trained as if alone. The distance defaults to the mean squared error.
    """
    measure = distance or MSE()
    yield {"translators": {to: measure(nets.translate(batch.source(to), to), batch[to]) for to in nets.directions}}
