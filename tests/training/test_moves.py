"""The updates of a move equal those written by hand: CycleGAN, and players that share a graph."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.data.manifest import Manifest
from s2f_cli.models.roles import Networks
from s2f_cli.training import loop
from s2f_cli.training.batch import Batch
from s2f_cli.training.batches import Batches
from s2f_cli.training.loop import Training
from states import equal, weights

PLAIN = ["objective.adversarial.label_noise=0.0", "objective.adversarial.label_flip=0.0"]


class DoubleBatches(Batches):
    """Batches in double precision, in which Adam does not amplify the rounding of zero gradients."""

    def at(self, step: int, *device: torch.device) -> Batch:
        return super().at(step, *device).map(Tensor.double)


@pytest.fixture
def start_double(start, data: Path):
    """Starts a training of the tiny recipe in double precision; returns it with its batches."""

    def make(*overrides: str, **options: Any) -> tuple[Training, Batches]:
        run = start(*overrides, batches=DoubleBatches, **options)
        run.networks.double()
        (stage,) = run.recipe.stages
        return run, DoubleBatches.of(run.recipe, stage, Manifest.read(data), seed=0)

    return make


class ByHand:
    """CycleGAN as its authors train it: generators with frozen critics, then critics on detached images."""

    def __init__(self, nets: Networks) -> None:
        self.nets = copy.deepcopy(nets).train()
        self.generators = [*self.nets.to_face.parameters(), *self.nets.to_sketch.parameters()]
        self.critics = [*self.nets.face_critic.parameters(), *self.nets.sketch_critic.parameters()]
        self.optimizers = [
            torch.optim.Adam(own, lr=0.001, betas=(0.5, 0.999)) for own in (self.generators, self.critics)
        ]

    def step(self, face: Tensor, sketch: Tensor) -> None:
        nets = self.nets
        for critic in self.critics:
            critic.requires_grad_(False)
        fake_face, fake_sketch = nets.to_face(sketch), nets.to_sketch(face)
        adversarial = sum(
            F.mse_loss(scores, torch.ones_like(scores))
            for scores in (nets.face_critic(fake_face), nets.sketch_critic(fake_sketch))
        )
        cycle = F.l1_loss(nets.to_sketch(fake_face), sketch) + F.l1_loss(nets.to_face(fake_sketch), face)
        self.optimizers[0].zero_grad()
        (adversarial + 10 * cycle).backward()
        self.optimizers[0].step()

        for critic in self.critics:
            critic.requires_grad_(True)
        loss = torch.zeros(())
        for critic, real, fake in (
            (nets.face_critic, face, fake_face),
            (nets.sketch_critic, sketch, fake_sketch),
        ):
            for images, label in ((real, 1.0), (fake.detach(), 0.0)):
                scores = critic(images)
                loss = loss + F.mse_loss(scores, torch.full_like(scores, label))
        self.optimizers[1].zero_grad()
        loss.backward()
        self.optimizers[1].step()


def test_a_step_equals_cyclegan_by_hand(start_double) -> None:
    run, batches = start_double(*PLAIN, steps=4)
    by_hand = ByHand(run.networks)
    for result in run.run():
        batch = batches.at(result.step - 1)
        by_hand.step(batch.face, batch.sketch)
        torch.testing.assert_close(dict(run.networks.state_dict()), dict(by_hand.nets.state_dict()))


def test_players_of_one_move_are_updated_at_once(start_double, monkeypatch: pytest.MonkeyPatch) -> None:
    """All gradients are those at the weights before the move, even if the losses share a graph."""

    def objective(nets: Networks, batch: Batch) -> Iterator[dict[str, dict[str, Tensor]]]:
        score = nets.face_critic(nets.to_face(batch.sketch)).mean()
        yield {"generators": {"adversarial": -score}, "critics": {"fake": score}}

    monkeypatch.setattr(loop, "build_objective", lambda *_: objective)
    run, batches = start_double(steps=1)
    nets = copy.deepcopy(run.networks).train()
    list(run.run())
    own = [list(nets[role].parameters()) for role in ("to_face", "face_critic")]
    score = nets.face_critic(nets.to_face(batches.at(0).sketch)).mean()
    for loss, parameters in ((-score, own[0]), (score, own[1])):
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
    for parameters in own:
        torch.optim.Adam(parameters, lr=0.001, betas=(0.5, 0.999)).step()
    after = weights(run)
    for role in ("to_face", "face_critic"):
        for name, parameter in nets[role].named_parameters():
            torch.testing.assert_close(after[f"{role}.{name}"], parameter.detach())
    assert equal(
        {n: v for n, v in after.items() if n.startswith("to_sketch")},
        {n: v for n, v in nets.state_dict().items() if n.startswith("to_sketch")},
    )
