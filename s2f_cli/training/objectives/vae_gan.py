"""Reconstruction by a VAE that a critic judges (report A §3.1, equations 1 and 2; Larsen et al. 2016)."""

from collections.abc import Iterator

import torch
from torch import nn

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.kl import KL
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.wasserstein import Wasserstein
from s2f_cli.training.objectives._codes import through
from s2f_cli.training.objectives._critics import Penalty, fooled, judged, total

__all__ = ["vae_gan"]


def vae_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    distance: nn.Module | None = None,
    divergence: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 5,
) -> Iterator[Move]:
    """The game over the recipe's reconstructions in each domain drawn, with `face_critic` and
    `sketch_critic`.

    First the critics move (equation 2): `real`, `fake` and, if there is one, `penalty`. Then, in every
    `critic_steps`-th step (§2.2), the generators (equation 1): `reconstruction`, the distance of each image
    from what is made of it; `adversarial`; and `kl`, the divergence of its code from N(0, 1). Domains are
    added in every term and share nothing, so each is trained as if alone. Losses default to L1, Wasserstein's
    and KL.
    """
    gan, measure, spread = adversarial or Wasserstein(), distance or L1(), divergence or KL()
    true = {domain: batch[domain] for domain in batch.domains}
    moving = batch.step % critic_steps == 0
    with torch.set_grad_enabled(moving):
        passed = {
            domain: through(nets, nets.reconstructions[domain], image) for domain, image in true.items()
        }
    made = {domain: image for domain, (image, _) in passed.items()}

    yield {"critics": judged(nets, true, made, gan, penalty)}
    if moving:
        yield {
            "generators": {
                "reconstruction": total([measure(made[domain], true[domain]) for domain in true]),
                "adversarial": fooled(nets, made, gan),
                "kl": total([spread(code) for _, code in passed.values()]),
            }
        }
