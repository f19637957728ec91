"""The moves of paired training with a conditional critic, however the images were generated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from s2f_cli.models.domains import Domain
from s2f_cli.models.networks import FeatureNetwork
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


@dataclass(frozen=True)
class PairedLosses:
    """The losses of `paired_gan`, which describes them."""

    adversarial: AdversarialLoss | None = None
    distance: nn.Module | None = None
    penalty: Penalty | None = None
    matching: nn.Module | None = None
    perceptual: nn.Module | None = None
    identity: nn.Module | None = None
    texture: nn.Module | None = None


def paired_moves(
    nets: Networks, batch: Batch, fakes: Mapping[Domain, Tensor], losses: PairedLosses
) -> Iterator[Move]:
    """Yield the move of the critics, then that of the generators, for images generated from a paired batch.

    `fakes` are the generated images (N, C, H, W) by domain.
    """
    gan = losses.adversarial or Nonsaturating()
    distances = {
        "distance": losses.distance or L1(),
        "perceptual": losses.perceptual,
        "identity": losses.identity,
        "texture": losses.texture,
    }
    real_pairs = {to: torch.cat([batch.source(to), batch.target(to)], dim=1) for to in fakes}
    fake_pairs = {to: torch.cat([batch.source(to), fake], dim=1) for to, fake in fakes.items()}

    yield {"critics": discriminator_losses(nets, real_pairs, fake_pairs, gan, losses.penalty)}

    terms: dict[str, Tensor] = {}
    if losses.matching is None:
        terms["adversarial"] = generator_adversarial_loss(nets, fake_pairs, gan)
    else:
        scored = {to: _feature_critic(nets, to).result_and_features(pair) for to, pair in fake_pairs.items()}
        terms["adversarial"] = sum_losses([gan.generator_loss(scores) for scores, _ in scored.values()])
    for name, loss in distances.items():
        if loss is not None:
            terms[name] = sum_losses([loss(fake, batch.target(to)) for to, fake in fakes.items()])
    if losses.matching is not None:
        terms["matching"] = sum_losses(
            [
                _feature_distance(_feature_critic(nets, to), features, real_pairs[to], losses.matching)
                for to, (_, features) in scored.items()
            ]
        )
    yield {"generators": terms}


def _feature_critic(nets: Networks, domain: Domain) -> FeatureNetwork:
    critic = nets[f"{domain}_critic"]
    if not isinstance(critic, FeatureNetwork):
        raise ValueError("a critic gives no access to the feature maps that matching compares")
    return critic


def _feature_distance(
    critic: FeatureNetwork, fake_features: list[Tensor], real: Tensor, distance: nn.Module
) -> Tensor:
    with torch.no_grad():
        real_features = critic.features(real)
    return torch.stack([distance(*pair) for pair in zip(fake_features, real_features, strict=True)]).mean()
