"""Paired translation with a conditional critic (pix2pix: Isola et al. 2017; report D §III-C; features matched
as in pix2pixHD: Wang et al. 2018, equation 4).
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from s2f_cli.models.networks import FeatureNetwork, Network
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.objectives._critics import Penalty, fooled, judged, total

__all__ = ["paired_gan"]


def paired_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    distance: nn.Module | None = None,
    penalty: Penalty | None = None,
    matching: nn.Module | None = None,
) -> Iterator[Move]:
    """The pix2pix game over each of the recipe's directions, with the critic `face_critic` or
    `sketch_critic`.

    A critic sees an image together with the one that it was made from, so it has the channels of both. First
    the critics move: `real`, `fake` and, if there is a penalty, `penalty`; then the generators: `adversarial`
    and `distance` from the true image and, with `matching`, how far what the critic's layers see of a made
    pair is from what they see of the true one, layers averaged. Directions are added; they share nothing, and
    are trained as if alone. Losses default to the original one and L1. The batch must be paired.
    """
    gan, measure = adversarial or Nonsaturating(), distance or L1()
    made = {to: nets.translate(batch.source(to), to) for to in nets.directions}
    true_pairs = {to: torch.cat([batch.source(to), batch.target(to)], dim=1) for to in made}
    made_pairs = {to: torch.cat([batch.source(to), image], dim=1) for to, image in made.items()}

    yield {"critics": judged(nets, true_pairs, made_pairs, gan, penalty)}
    terms = {
        "adversarial": fooled(nets, made_pairs, gan),
        "distance": total([measure(image, batch.target(to)) for to, image in made.items()]),
    }
    if matching is not None:
        terms["matching"] = total(
            [_unlike(nets[f"{to}_critic"], made_pairs[to], true_pairs[to], matching) for to in made]
        )
    yield {"generators": terms}


def _unlike(critic: Network, made: Tensor, true: Tensor, distance: nn.Module) -> Tensor:
    if not isinstance(critic, FeatureNetwork):
        raise ValueError("matching compares feature maps, which this critic does not give access to")
    with torch.no_grad():
        wanted = critic.features(true)
    found = critic.features(made)
    return torch.stack([distance(*pair) for pair in zip(found, wanted, strict=True)]).mean()
