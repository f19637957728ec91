"""Paired translation with a conditional critic (pix2pix: Isola et al. 2017; report D §III-C).

The optional feature matching is that of pix2pixHD (Wang et al. 2018, equation 4).
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from s2f_cli.models.networks import FeatureNetwork, Network
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.objectives._critics import (
    Penalty,
    discriminator_losses,
    generator_adversarial_loss,
    sum_losses,
)

__all__ = ["paired_gan"]


def paired_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    distance: nn.Module | None = None,
    penalty: Penalty | None = None,
    matching: nn.Module | None = None,
    perceptual: nn.Module | None = None,
    identity: nn.Module | None = None,
) -> Iterator[Move]:
    """Train the critics, then the generators, for each direction of the recipe.

    Roles: the recipe's directions, `face_critic` or `sketch_critic`. A critic sees an image concatenated to
    its source with the planes of the conditions, so it takes the channels of all three. Terms are summed over
    the directions, which share nothing. The batch must be paired.

    critics      `real`, `fake` and, with a penalty, `penalty`
    generators   `adversarial`; `distance` from the ground truth; with `matching`, that loss of the
                 critic's features of generated and real pairs, averaged over its layers; with
                 `perceptual` or `identity`, these further distances from the ground truth

    `adversarial` defaults to the non-saturating loss, `distance` to L1. `distance`, `perceptual` and
    `identity` accept any loss of two images. Raises ValueError for an unpaired
    batch, and for `matching` with a critic that is not a `FeatureNetwork`.
    """
    gan = adversarial or Nonsaturating()
    distances = {"distance": distance or L1(), "perceptual": perceptual, "identity": identity}
    fakes = {to: nets.translate(batch.source(to), to) for to in nets.directions}
    real_pairs = {to: torch.cat([batch.source(to), batch.target(to)], dim=1) for to in fakes}
    fake_pairs = {to: torch.cat([batch.source(to), fake], dim=1) for to, fake in fakes.items()}

    yield {"critics": discriminator_losses(nets, real_pairs, fake_pairs, gan, penalty)}

    terms = {"adversarial": generator_adversarial_loss(nets, fake_pairs, gan)}
    for name, loss in distances.items():
        if loss is not None:
            terms[name] = sum_losses([loss(fake, batch.target(to)) for to, fake in fakes.items()])
    if matching is not None:
        terms["matching"] = sum_losses(
            [
                _feature_distance(nets[f"{to}_critic"], fake_pairs[to], real_pairs[to], matching)
                for to in fakes
            ]
        )
    yield {"generators": terms}


def _feature_distance(critic: Network, fake: Tensor, real: Tensor, distance: nn.Module) -> Tensor:
    if not isinstance(critic, FeatureNetwork):
        raise ValueError("a critic gives no access to the feature maps that matching compares")
    with torch.no_grad():
        real_features = critic.features(real)
    fake_features = critic.features(fake)
    return torch.stack([distance(*pair) for pair in zip(fake_features, real_features, strict=True)]).mean()
