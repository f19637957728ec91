"""The training loop: losses, seeds, resuming, precision, errors."""

import copy
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from s2f_cli.core.errors import RunError
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.roles import Networks
from s2f_cli.training import loop
from s2f_cli.training.batch import Batch
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.request import Precision
from states import equal, weights

PLAIN = ["objective.adversarial.label_noise=0.0", "objective.adversarial.label_flip=0.0"]


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
