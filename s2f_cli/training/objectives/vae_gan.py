"""Reconstruction by a VAE with an adversarial loss (report A §3.1, equations 1 and 2; Larsen et al. 2016)."""

from collections.abc import Iterator

import torch
from torch import nn

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

__all__ = ["vae_gan"]


def vae_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    distance: nn.Module | None = None,
    divergence: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 5,
) -> Iterator[Move]:
    """Train the critics, then, in every `critic_steps`-th step (§2.2), the generators.

    Roles: the recipe's `reconstructions` of each domain of the batch, `face_critic` and `sketch_critic`.
    Terms are summed over the domains, which share nothing.

    critics      `real`, `fake` and, with a penalty, `penalty` (equation 2)
    generators   `reconstruction`, the distance of each image from its reconstruction; `adversarial`;
                 `kl`, the divergence of the codes from N(0, 1) (equation 1)

    `adversarial` defaults to Wasserstein, `distance` to L1, `divergence` to KL.
    """
    gan, image_distance, kl = adversarial or Wasserstein(), distance or L1(), divergence or KL()
    reals = {domain: batch[domain] for domain in batch.domains}
    generators_move = batch.step % critic_steps == 0
    with torch.set_grad_enabled(generators_move):
        outputs = {
            domain: run_chain_with_code(nets, nets.reconstructions[domain], image)
            for domain, image in reals.items()
        }
    fakes = {domain: image for domain, (image, _) in outputs.items()}

    yield {"critics": discriminator_losses(nets, reals, fakes, gan, penalty)}

    if generators_move:
        yield {
            "generators": {
                "reconstruction": sum_losses([image_distance(fakes[d], reals[d]) for d in reals]),
                "adversarial": generator_adversarial_loss(nets, fakes, gan),
                "kl": sum_losses([kl(code) for _, code in outputs.values()]),
            }
        }
