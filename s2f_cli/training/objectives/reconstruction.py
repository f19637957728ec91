"""Supervised translation by a pixel loss (report C §3.1, report D §III-A, B, D)."""

from collections.abc import Iterator

from torch import Tensor, nn

from s2f_cli.core.images import Domain
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses.mse import MSE
from s2f_cli.training.objectives._critics import total

__all__ = ["reconstruction"]


def reconstruction(
    nets: Networks,
    batch: Batch,
    *,
    distance: nn.Module | None = None,
    activity: nn.Module | None = None,
    decay: nn.Module | None = None,
) -> Iterator[Move]:
    """One move of the player `translators`: for each direction of the recipe, the distance from the true
    image.

    The term is named after the domain made (`face`, `sketch`); the batch must be paired. Directions share
    nothing but the step, so both are trained as if alone. With `activity` there is a term of that name, the
    loss of what the first role of each chain makes (report D's penalty on the code), directions added; with
    `decay` each role of the chains has a term of its own name, the loss of its weights (report C's
    penalties). The distance defaults to the mean squared error.
    """
    measure = distance or MSE()
    codes: dict[Domain, Tensor] = {}
    terms: dict[str, Tensor] = {}
    for to, (first, *rest) in nets.directions.items():
        codes[to] = nets[first](batch.source(to))
        terms[to] = measure(nets.run_chain(rest, codes[to]), batch.target(to))
    if activity is not None:
        terms["activity"] = total([activity(code) for code in codes.values()])
    if decay is not None:
        terms |= {role: decay(nets[role]) for chain in nets.directions.values() for role in chain}
    yield {"translators": terms}
