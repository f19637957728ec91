"""The cost of a training."""

from pathlib import Path

import pytest
import torch

from s2f_cli.training import dry_run
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.trainer import Trainer
from small_recipes import SMALL


@pytest.fixture
def trainer(here: Path, make_data, tiny_recipe: Path) -> Trainer:
    make_data(here / "data", train=(2, 2), test=(1, 2))
    return Trainer(TrainRequest(str(tiny_recipe), device="cpu"))


def test_network_sizes(trainer: Trainer) -> None:
    sizes = {size.role: size for size in dry_run.network_sizes(trainer)}
    assert list(sizes) == ["to_face", "to_sketch", "face_critic", "sketch_critic"]
    assert all(size.trained for size in sizes.values())
    assert sizes["to_face"].part == "unet"
    parameters = trainer.training.networks["to_face"].parameters()
    assert sizes["to_face"].parameters == sum(parameter.numel() for parameter in parameters)


def test_the_cost_is_measured_without_writing_anything(trainer: Trainer) -> None:
    cost = dry_run.measure(trainer)
    (seconds,) = cost.seconds_per_step.values()
    assert cost.steps == 6 and 0 < seconds < 60
    assert cost.seconds == pytest.approx(6 * seconds)
    assert cost.peak_bytes is None or cost.peak_bytes > 2**20
    assert not Path("run").exists() and not Path("runs").exists()
    assert torch.isfinite(next(trainer.training.networks.parameters())).all()


def test_every_stage_with_steps_is_measured(here: Path, make_data, monkeypatch: pytest.MonkeyPatch) -> None:
    make_data(here / "data", train=(2, 2), test=(1, 2))
    lengths = {"pretraining": 4, "stitching": 3}
    overrides = [*SMALL["cyclegan-vae-latent"], *(f"stages.{name}.steps={n}" for name, n in lengths.items())]
    trainer = Trainer(TrainRequest("cyclegan-vae-latent", device="cpu", overrides=tuple(overrides)))
    costs = {"pretraining": 1.0, "stitching": 5.0}
    monkeypatch.setattr(dry_run, "_seconds_per_step", lambda results, count: costs[next(results).stage])
    cost = dry_run.measure(trainer)
    assert cost.seconds_per_step == costs
    assert (cost.steps, cost.seconds) == (7, 19.0)


def test_unreadable_images_are_found_in_both_splits(trainer: Trainer) -> None:
    files = dry_run.images_used(trainer.manifest)
    assert len(files) == 7
    bad = [Path("data/train/face/0.png"), Path("data/test/sketch/1.png")]
    for file in bad:
        file.write_bytes(b"none")
    assert {file for file, problem in dry_run.read_errors(files) if problem} == set(bad)


def test_measuring_ends_after_some_seconds(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "ENOUGH", 0.0)
    dry_run.measure(trainer)
    assert trainer.training.step == 1
    assert list(dry_run.read_errors(dry_run.images_used(trainer.manifest))) == []
