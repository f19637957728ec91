"""Images out of noise (Goodfellow et al. 2014; Radford et al. 2015; Arjovsky et al. 2017; report A §2.2)."""

from collections.abc import Iterator

import torch

from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.nonsaturating import Nonsaturating
from s2f_cli.training.objectives._critics import Penalty, fooled, judged

__all__ = ["gan"]


def gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 1,
) -> Iterator[Move]:
    """The game over the recipe's samples in each domain drawn, with `face_critic` and `sketch_critic`.

    First the critics move: `real`, `fake` and, if there is one, `penalty`; then, in every `critic_steps`-th
    step, the generators: `adversarial`. Both look at the same images, made of fresh N(0, 1) noise. Domains
    are added in every term and share nothing, so each is trained as if alone. The loss defaults to the
    original one.
    """
    game = adversarial or Nonsaturating()
    true = {domain: batch[domain] for domain in batch.domains}
    noise = {domain: nets.noise(len(image), domain).to(image.device) for domain, image in true.items()}
    moving = batch.step % critic_steps == 0
    with torch.set_grad_enabled(moving):
        made = {domain: nets.run_chain(nets.samples[domain], code) for domain, code in noise.items()}

    yield {"critics": judged(nets, true, made, game, penalty)}
    if moving:
        yield {"generators": {"adversarial": fooled(nets, made, game)}}
