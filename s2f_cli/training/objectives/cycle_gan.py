"""Translation with cycle consistency (Zhu et al. 2017; Anoosheh et al. 2018; reports B, C and E)."""

from collections.abc import Iterator

from torch import nn

from s2f_cli.core.images import DOMAINS, other
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.losses._adversarial import Adversarial
from s2f_cli.training.losses.l1 import L1
from s2f_cli.training.losses.lsgan import LSGAN
from s2f_cli.training.objectives._critics import Penalty, fooled, judged, total

__all__ = ["cycle_gan"]


def cycle_gan(
    nets: Networks,
    batch: Batch,
    *,
    adversarial: Adversarial | None = None,
    cycle: nn.Module | None = None,
    identity: nn.Module | None = None,
    paired: nn.Module | None = None,
    penalty: Penalty | None = None,
    critic_steps: int = 1,
) -> Iterator[Move]:
    """The CycleGAN game over the recipe's two directions and the roles `face_critic` and `sketch_critic`.

    First the generators move, in every `critic_steps`-th step: `adversarial`, both fooling their critic
    (equation 1), and `cycle`, the distance of each image from its way there and back (equation 2). With
    `identity` also the distance of an image from its translation to its own domain (§5.2; both domains need
    as many channels); with `paired` that of a translation from the true image (report E, equations 1 and 2;
    the batch must be paired). Then the critics: `real`, `fake` and, if there is a penalty, `penalty`. Domains
    are added in every term. Losses default to least squares and L1; any adversarial and any reconstruction
    loss will do.
    """
    gan, distance = adversarial or LSGAN(), cycle or L1()
    true = {domain: batch[domain] for domain in DOMAINS}
    made = {to: nets.translate(batch.source(to), to) for to in DOMAINS}

    if batch.step % critic_steps == 0:
        terms = {
            "adversarial": fooled(nets, made, gan),
            "cycle": total(
                [distance(nets.translate(made[other(to)], to), true[to]) for to in reversed(DOMAINS)]
            ),
        }
        if identity is not None:
            if true["face"].shape[1] != true["sketch"].shape[1]:
                raise ValueError("identity needs as many channels of a sketch as of a face")
            terms["identity"] = total([identity(nets.translate(true[to], to), true[to]) for to in DOMAINS])
        if paired is not None:
            terms["paired"] = total([paired(made[to], batch.target(to)) for to in DOMAINS])
        yield {"generators": terms}

    yield {"critics": judged(nets, true, made, gan, penalty)}
