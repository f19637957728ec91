"""Images from noise (Goodfellow et al. 2014; Radford et al. 2015; Arjovsky et al. 2017; report A §2.2)."""

from collections.abc import Iterator

import torch

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses import AdversarialLoss
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.objectives._critics import Penalty, discriminator_losses, generator_adversarial_loss

__all__ = ["gan"]


def gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: AdversarialLoss | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 1,
) -> Iterator[Move]:
    """Train the critics, then, in every `critic_steps`-th step, the generators.

    Roles: the recipe's `samples` of each domain of the batch, `face_critic` and `sketch_critic`. Both moves
    use the same images, generated from fresh N(0, 1) noise. Terms are summed over the domains, which share
    nothing.

    critics      `real`, `fake` and, with a penalty, `penalty`
    generators   `adversarial`

    `adversarial` defaults to the non-saturating loss.
    """
    loss = adversarial or Nonsaturating()
    reals = {domain: batch[domain] for domain in batch.domains}
    noise = {domain: nets.noise(len(image), domain).to(image.device) for domain, image in reals.items()}
    generators_move = batch.step % critic_steps == 0
    with torch.set_grad_enabled(generators_move):
        fakes = {domain: nets.run_chain(nets.samples[domain], code) for domain, code in noise.items()}

    yield {"critics": discriminator_losses(nets, reals, fakes, loss, penalty)}

    if generators_move:
        yield {"generators": {"adversarial": generator_adversarial_loss(nets, fakes, loss)}}
