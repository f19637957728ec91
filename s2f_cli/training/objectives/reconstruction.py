"""Supervised translation by a pixel loss (report C §3.1, report D §III-A, B, D)."""

from collections.abc import Iterator

from torch import Tensor, nn

from s2f_cli.models.domains import Domain
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses.mse import MSE
from s2f_cli.training.objectives._critics import sum_losses

__all__ = ["reconstruction"]


def reconstruction(
    nets: Networks,
    batch: Batch,
    *,
    distance: nn.Module | None = None,
    activity: nn.Module | None = None,
    decay: nn.Module | None = None,
    perceptual: nn.Module | None = None,
    identity: nn.Module | None = None,
    texture: nn.Module | None = None,
) -> Iterator[Move]:
    """Train the player `translators`, in one move, to reproduce the ground truth in each direction.

    The batch must be paired. Directions share only the move.

    face, sketch   distance of the translations to that domain from the ground truth
    activity       with `activity`: this loss of the output of each chain's first role (report D's
                   penalty on the code), summed over the directions
    perceptual     with `perceptual`: this further distance of the translations, summed over the directions
    identity       with `identity`: the same
    texture        with `texture`: the same
    ROLE           with `decay`: this loss of the weights of each role (report C's penalty on weights)

    `distance` defaults to the mean squared error. Raises ValueError for an unpaired batch.
    """
    image_distance = distance or MSE()
    codes: dict[Domain, Tensor] = {}
    results: dict[Domain, Tensor] = {}
    terms: dict[str, Tensor] = {}
    for to, (first, *rest) in nets.directions.items():
        codes[to] = nets[first](batch.source(to))
        results[to] = nets.run_chain(rest, codes[to])
        terms[to] = image_distance(results[to], batch.target(to))
    for name, loss in {"perceptual": perceptual, "identity": identity, "texture": texture}.items():
        if loss is not None:
            terms[name] = sum_losses([loss(result, batch.target(to)) for to, result in results.items()])
    if activity is not None:
        terms["activity"] = sum_losses([activity(code) for code in codes.values()])
    if decay is not None:
        terms |= {role: decay(nets[role]) for chain in nets.directions.values() for role in chain}
    yield {"translators": terms}
