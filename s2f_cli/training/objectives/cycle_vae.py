"""CycleGAN with VAEs as generators (report A §3.2, equations 3 to 5, figure 7)."""

from collections.abc import Iterator

import torch
from torch import nn

from s2f_cli.models.domains import DOMAINS, other
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.losses.kl import KL
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.wasserstein import Wasserstein
from s2f_cli.training.objectives._codes import run_chain_with_code
from s2f_cli.training.objectives._critics import (
    Penalty,
    discriminator_losses,
    generator_adversarial_loss,
    sum_losses,
)

__all__ = ["cycle_vae"]


def cycle_vae(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    cycle: nn.Module | None = None,
    divergence: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 5,
) -> Iterator[Move]:
    """Train the critics, then, in every `critic_steps`-th step, the generators of both directions.

    Roles: the recipe's two directions, each a chain that starts with an encoder, `face_critic` and
    `sketch_critic`. Terms are summed over the domains.

    critics      `real`, `fake` and, with a penalty, `penalty` (equations 4 and 5)
    generators   `reconstruction`, the distance of each image from its round trip; `adversarial`; `kl`,
                 the divergence of the codes of real images from N(0, 1) (equation 3)

    `adversarial` defaults to Wasserstein, `cycle` to L1, `divergence` to KL.
    """
    gan, distance, kl = adversarial or Wasserstein(), cycle or L1(), divergence or KL()
    reals = {domain: batch[domain] for domain in DOMAINS}
    generators_move = batch.step % critic_steps == 0
    with torch.set_grad_enabled(generators_move):
        outputs = {to: run_chain_with_code(nets, nets.directions[to], batch.source(to)) for to in DOMAINS}
    fakes = {to: image for to, (image, _) in outputs.items()}

    yield {"critics": discriminator_losses(nets, reals, fakes, gan, penalty)}

    if generators_move:
        inputs = {to: batch.with_conditions(fakes[other(to)]) for to in DOMAINS}
        round_trips = {to: nets.translate(inputs[to], to) for to in DOMAINS}
        yield {
            "generators": {
                "reconstruction": sum_losses([distance(round_trips[d], reals[d]) for d in DOMAINS]),
                "adversarial": generator_adversarial_loss(nets, fakes, gan),
                "kl": sum_losses([kl(code) for _, code in outputs.values()]),
            }
        }
