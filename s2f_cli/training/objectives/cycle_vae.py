"""CycleGAN with VAEs as generators (report A §3.2, equations 3 to 5, figure 7)."""

from collections.abc import Iterator

import torch
from torch import nn

from s2f_cli.core.images import DOMAINS, other
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.kl import KL
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.wasserstein import Wasserstein
from s2f_cli.training.objectives._codes import through
from s2f_cli.training.objectives._critics import Penalty, fooled, judged, total

__all__ = ["cycle_vae"]


def cycle_vae(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    cycle: nn.Module | None = None,
    divergence: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 5,
) -> Iterator[Move]:
    """The game over the recipe's two directions, each a chain that begins with an encoder, and two critics.

    First the critics move (equations 4 and 5): `real`, `fake` and, if there is one, `penalty`. Then, in every
    `critic_steps`-th step, the generators (equation 3): `reconstruction`, the distance of each image from its
    way there and back; `adversarial`; and `kl`, the divergence of the codes of real images from N(0, 1).
    Domains are added in every term. Losses default to L1, Wasserstein's and KL.
    """
    gan, distance, spread = adversarial or Wasserstein(), cycle or L1(), divergence or KL()
    true = {domain: batch[domain] for domain in DOMAINS}
    moving = batch.step % critic_steps == 0
    with torch.set_grad_enabled(moving):
        passed = {to: through(nets, nets.directions[to], batch.source(to)) for to in DOMAINS}
    made = {to: image for to, (image, _) in passed.items()}

    yield {"critics": judged(nets, true, made, gan, penalty)}
    if moving:
        back = {of: nets.translate(made[other(of)], of) for of in DOMAINS}
        yield {
            "generators": {
                "reconstruction": total([distance(back[of], true[of]) for of in DOMAINS]),
                "adversarial": fooled(nets, made, gan),
                "kl": total([spread(code) for _, code in passed.values()]),
            }
        }
