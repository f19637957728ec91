"""Translation with cycle consistency (Zhu et al. 2017; Anoosheh et al. 2018; reports B, C and E)."""

from collections.abc import Iterator

from torch import nn

from s2f_cli.models.domains import DOMAINS, other
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.objectives._critics import (
    Penalty,
    discriminator_losses,
    generator_adversarial_loss,
    sum_losses,
)

__all__ = ["cycle_gan"]


def cycle_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    cycle: nn.Module | None = None,
    identity: nn.Module | None = None,
    paired: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 1,
) -> Iterator[Move]:
    """Train the generators of both directions, in every `critic_steps`-th step, then the critics.

    Roles: the recipe's two directions, `face_critic` and `sketch_critic`. Terms are summed over the domains.

    generators   `adversarial` (equation 1); `cycle`, the distance of each image from its round trip
                 (equation 2); with `identity`, the distance of each image from its translation to its own
                 domain (§5.2; both domains need the same number of channels); with `paired`, the
                 distance of each translation from its ground truth (report E, equations 1 and 2; the
                 batch must be paired)
    critics      `real`, `fake` and, with a penalty, `penalty`

    `adversarial` defaults to LSGAN, `cycle` to L1. `cycle`, `identity` and `paired` accept any loss of two
    images. Raises ValueError for `identity` with domains of different channels, and for `paired` with an
    unpaired batch.
    """
    gan, distance = adversarial or LSGAN(), cycle or L1()
    reals = {domain: batch[domain] for domain in DOMAINS}
    fakes = {to: nets.translate(batch.source(to), to) for to in DOMAINS}

    if batch.step % critic_steps == 0:
        terms = {
            "adversarial": generator_adversarial_loss(nets, fakes, gan),
            "cycle": sum_losses(
                [
                    distance(nets.translate(batch.with_conditions(fakes[other(to)]), to), reals[to])
                    for to in reversed(DOMAINS)
                ]
            ),
        }
        if identity is not None:
            if reals["face"].shape[1] != reals["sketch"].shape[1]:
                raise ValueError("identity needs sketches and faces with the same number of channels")
            terms["identity"] = sum_losses(
                [identity(nets.translate(batch.with_conditions(reals[to]), to), reals[to]) for to in DOMAINS]
            )
        if paired is not None:
            terms["paired"] = sum_losses([paired(fakes[to], batch.target(to)) for to in DOMAINS])
        yield {"generators": terms}

    yield {"critics": discriminator_losses(nets, reals, fakes, gan, penalty)}
