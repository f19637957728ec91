"""Unpaired translation with cycle consistency (Zhu et al. 2017; report B §3, report C §3.2)."""

from collections.abc import Iterator

from torch import nn

from s2f_cli.losses.l1 import L1
from s2f_cli.losses.lsgan import LSGAN
from s2f_cli.roles import Batch, Move, Networks

__all__ = ["cycle_gan"]


def cycle_gan(
    nets: Networks, batch: Batch, *, adversarial: LSGAN | None = None, cycle: nn.Module | None = None
) -> Iterator[Move]:
    """The CycleGAN game over the roles `to_face`, `to_sketch`, `face_critic` and `sketch_critic`.

    First the generators move: `adversarial`, both fooling their critic (equation 1), and `cycle`, the distance of
    each image from its way there and back (equation 2). Then the critics: `real` and `fake`, both domains added.
    Losses default to least squares and L1; any adversarial and any reconstruction loss will do.
    """
    gan, distance = adversarial or LSGAN(), cycle or L1()

    fake_face, fake_sketch = nets.to_face(batch.sketch), nets.to_sketch(batch.face)
    yield {
        "generators": {
            "adversarial": gan.fool(nets.face_critic(fake_face)) + gan.fool(nets.sketch_critic(fake_sketch)),
            "cycle": distance(nets.to_sketch(fake_face), batch.sketch)
            + distance(nets.to_face(fake_sketch), batch.face),
        }
    }

    fake_face, fake_sketch = fake_face.detach(), fake_sketch.detach()
    yield {
        "critics": {
            "real": gan.real(nets.face_critic(batch.face)) + gan.real(nets.sketch_critic(batch.sketch)),
            "fake": gan.fake(nets.face_critic(fake_face)) + gan.fake(nets.sketch_critic(fake_sketch)),
        }
    }
