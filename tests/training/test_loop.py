"""The loop against a CycleGAN written by hand; simultaneous moves, seeds, resuming."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.core.errors import RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training import loop
from s2f_cli.training.batch import Batch
from s2f_cli.training.batches import Batches
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.loop import Training
from s2f_cli.training.request import Precision

PLAIN = ["objective.adversarial.label_noise=0.0", "objective.adversarial.label_flip=0.0"]


@pytest.fixture
def start(data: Path, tiny_recipe: Path):
    """Starts a training of the tiny recipe, or of another one, with overrides."""

    def make(
        *overrides: str, name: object = tiny_recipe, steps: int | None = None, **options: Any
    ) -> Training:
        recipe = recipes.read(str(name), overrides)
        return training_of(recipe.with_length(steps), data, **options)

    return make


def training_of(
    recipe: Recipe, data: Path, seed: int = 0, batches: type[Batches] = Batches, **options: Any
) -> Training:
    def of_stage(stage: Stage) -> Batches:
        return batches.of(recipe, stage, Manifest.read(data), seed=seed)

    return Training(recipe, of_stage, seed=seed, **options)


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


def weights(run: Training) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in run.networks.state_dict().items()}


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


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


def test_the_loss_goes_down(start) -> None:
    small = ("image.size=16", "image.channels.sketch=1", "batch_size=4", "data.augment=[]")
    channels = ("networks.to_face.in_channels=1", "networks.to_sketch.out_channels=1")
    losses = [result.losses() for result in start(*small, *channels, name="conv-ae", steps=40).run()]
    for term in ("translators/face", "translators/sketch"):
        first, last = (sum(step[term] for step in steps) / 5 for steps in (losses[:5], losses[-5:]))
        assert last < first / 2


def test_the_seed_determines_every_bit(start) -> None:
    outcomes = []
    for seed in (0, 0, 1):
        run = start(seed=seed, steps=3)
        losses = [result.losses() for result in run.run()]
        outcomes.append((weights(run), losses))
    assert equal(outcomes[0][0], outcomes[1][0]) and outcomes[0][1] == outcomes[1][1]
    assert not equal(outcomes[0][0], outcomes[2][0])


def test_random_draws_between_steps_change_nothing(start) -> None:
    outcomes = []
    for draws in (0, 99):
        run = start(steps=3)
        for _ in run.run():
            torch.rand(draws)
        outcomes.append(weights(run))
    assert equal(*outcomes)


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_a_restored_state_continues_bit_exactly(stop: int, start) -> None:
    uninterrupted = start()
    losses = [result.losses() for result in uninterrupted.run()]
    first, second = start(), start(seed=0)
    for result in first.run():
        if result.step == stop:
            break
    second.restore(copy.deepcopy(first.state()))
    assert second.step == stop
    assert [result.losses() for result in second.run()] == losses[stop:]
    assert equal(weights(second), weights(uninterrupted))


def test_an_abandoned_iterator_can_be_replaced(start) -> None:
    uninterrupted, interrupted = start(), start()
    list(uninterrupted.run())
    while interrupted.step < interrupted.total:
        next(interrupted.run())
    assert equal(weights(interrupted), weights(uninterrupted))


def test_results_count_steps_images_and_epochs(start) -> None:
    results = list(start("batch_size=4", steps=4).run())
    assert [(r.step, r.total, r.images, r.stage) for r in results] == [
        (n, 4, 4, "train") for n in (1, 2, 3, 4)
    ]
    assert [r.epoch for r in results] == [0, 0, 1, 2]
    names = {"generators/adversarial", "generators/cycle", "critics/real", "critics/fake"}
    assert all(set(r.losses()) == names for r in results)


def test_bf16_keeps_weights_in_float32(start) -> None:
    full, half = (start(*PLAIN, compute=ComputeConfig(precision), steps=2) for precision in ("fp32", "bf16"))
    (full_losses, _), (half_losses, _) = ([r.losses() for r in run.run()] for run in (full, half))
    assert all(value.dtype in (torch.float32, torch.int64) for value in weights(half).values())
    for name, loss in full_losses.items():
        assert half_losses[name] == pytest.approx(loss, rel=0.1, abs=0.02)
    assert full_losses != half_losses
    assert not equal(weights(full), weights(half))


def test_a_loss_that_is_not_finite_stops_before_the_update(start, monkeypatch: pytest.MonkeyPatch) -> None:
    def objective(nets: Networks, batch: Batch) -> Iterator[dict[str, dict[str, Tensor]]]:
        loss = nets.to_face(batch.sketch).mean()
        yield {"generators": {"cycle": loss / (0 if batch.step == 2 else 1)}}

    monkeypatch.setattr(loop, "build_objective", lambda *_: objective)
    run, before = start(), {}
    with pytest.raises(
        RunError, match=r"step 3: the loss of generators is not a finite number \(cycle "
    ) as raised:
        for _ in run.run():
            before = weights(run)
    assert "learning rate" in raised.value.hint
    assert run.step == 2
    after = weights(run)
    assert all(torch.equal(after[name], before[name]) for name, _ in run.networks.named_parameters())


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


STAGES = """
[[stages]]
name = "{name}"
steps = 3
batch_size = 2
[stages.data]
pairing = "paired"
[stages.objective]
part = "reconstruction"
[stages.weights]
face = 1.0
sketch = 1.0
[stages.players.translators]
trains = ["{role}"]
learning_rate = 0.01
"""


@pytest.fixture
def staged(tiny_recipe: Path, tmp_path: Path) -> Path:
    """`first` trains to_face for three steps, `second` to_sketch."""
    text = tiny_recipe.read_text()
    head, image = text[: text.index("steps =")], text[text.index("[image]") : text.index("[data]")]
    networks = text[text.index("[networks") : text.index("[objective]")]
    stages = [STAGES.format(name=n, role=r) for n, r in (("first", "to_face"), ("second", "to_sketch"))]
    file = tmp_path / "staged.toml"
    file.write_text(head + image + networks + "".join(stages))
    return file


def test_stages_run_in_order_and_train_only_their_roles(staged: Path, start) -> None:
    run = start(name=staged)
    assert run.total == 6
    at = {0: weights(run)}
    stages = []
    for result in run.run():
        at[result.step] = weights(run)
        stages.append(result.stage)
    assert stages == ["first"] * 3 + ["second"] * 3

    def changed(before: int, after: int) -> set[str]:
        trained = [name for name, _ in run.networks.named_parameters()]
        return {n.split(".")[0] for n in trained if not torch.equal(at[before][n], at[after][n])}

    assert changed(0, 3) == {"to_face"}
    assert changed(3, 6) == {"to_sketch"}


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_a_run_with_stages_is_restored_bit_exactly(stop: int, staged: Path, start) -> None:
    uninterrupted, first, second = (start(name=staged) for _ in range(3))
    list(uninterrupted.run())
    for result in first.run():
        if result.step == stop:
            break
    second.restore(copy.deepcopy(first.state()))
    list(second.run())
    assert equal(weights(second), weights(uninterrupted))


def test_a_state_of_another_stage_is_refused(staged: Path, start) -> None:
    run = start(name=staged)
    list(run.run())
    with pytest.raises(RunError, match="is in the stage 'second', whose length has changed"):
        start(name=staged, steps=8).restore(run.state())


def test_a_state_of_another_recipe_is_refused(start) -> None:
    with pytest.raises(RunError, match="does not fit the recipe conv-ae") as raised:
        start(name="conv-ae").restore(start().state())
    assert "recipe that the run was started with" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "device", "precision", "expected"),
    [
        ("cyclegan", "cpu", "fp32", True),
        ("cyclegan", "cpu", "bf16", False),
        ("pix2pix", "cpu", "bf16", True),
        ("pix2pix", "cuda", "fp32", False),
    ],
)
def test_the_layout_follows_precision_and_networks(
    name: str, device: str, precision: Precision, expected: bool
) -> None:
    tiny = ["networks.to_face.features=2", "networks.to_sketch.features=2"]
    networks = build_networks(recipes.read(name, tiny))
    assert loop._channels_first(networks, torch.device(device), precision) is expected
