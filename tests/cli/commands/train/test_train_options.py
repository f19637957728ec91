"""Options of `s2f train` beyond the plain run: precision, pieces, copies, rehearsals, early stopping."""

import json
import sys
import types
from pathlib import Path

import pytest
import torch

from s2f_cli.models import bundle
from s2f_cli.training import health
from s2f_cli.training.batches import Batches
from s2f_cli.training.players import Players

CPU = ("--device", "cpu")


def model(run: str | Path) -> bytes:
    return (Path(run) / "model.safetensors").read_bytes()


@pytest.fixture
def train(s2f, here: Path, data: Path, tiny_recipe: Path):
    """Runs `s2f train` with the tiny recipe and data, into `run` unless told otherwise."""

    def run(*arguments: object, output: str = "run"):
        return s2f("train", tiny_recipe, "-o", output, "--data", data, *CPU, *arguments)

    return run


def test_pieces_change_nothing_but_rounding(train, tiny_run: Path) -> None:
    assert train("--accumulate", 2).code == 0
    networks, _ = bundle.load(Path("run/model.safetensors"))
    alone, _ = bundle.load(tiny_run / "model.safetensors")
    for name, value in alone.named_parameters():
        torch.testing.assert_close(networks.state_dict()[name], value, rtol=0, atol=0.02)


def test_deterministic_gives_the_same_bits(train) -> None:
    try:
        for folder in ("one", "two"):
            assert train("--deterministic", output=folder).code == 0
    finally:
        torch.use_deterministic_algorithms(False)
    assert model("one") == model("two")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_is_kept_and_resumed_to_the_bit(precision: str, train) -> None:
    assert train("--precision", precision, output="whole").code == 0
    assert train("--precision", precision, "--steps", 3).code == 0
    assert json.loads(Path("run/run.json").read_text())["precision"] == precision
    assert train("--resume", "--steps", 6).code == 0
    assert model("run") == model("whole")


def test_copies_are_kept(train) -> None:
    assert train("--keep-every", 2).code == 0
    kept = sorted(Path("run/kept").iterdir())
    assert [bundle.read_card(file).step for file in kept] == [2, 4, 6]


def test_a_longer_run_is_resumed_at_its_new_length(train) -> None:
    for arguments in (("--steps", 2), ("--steps", 8, "--resume")):
        assert train(*arguments).code == 0
    assert "at step 8 of 8" in train("--resume").err


def test_a_schedule_that_another_length_would_have_changed_is_refused(train) -> None:
    schedule = (
        "--set",
        "players.critics.schedule.part=linear_decay",
        "--set",
        "players.critics.schedule.start=0.5",
    )
    assert train("--steps", 4, *schedule).code == 0
    before = model("run")
    result = train("--steps", 8, "--resume")
    assert result.code == 1 and model("run") == before
    assert "the learning rates of critics so far were those of 4 steps, not of 8" in result.err


def test_a_schedule_that_had_not_begun_may_end_later(train) -> None:
    schedule = (
        "--set",
        "players.critics.schedule.part=linear_decay",
        "--set",
        "players.critics.schedule.start=0.5",
    )
    assert train("--steps", 8, *schedule, output="whole").code == 0
    assert train("--steps", 6, *schedule, "--save-every", 2, output="run").code == 0
    state = torch.load("run/state.pt", weights_only=True)
    assert state["lengths"] == [6]


def test_a_rehearsal_tells_and_writes_nothing(train) -> None:
    result = train("--dry-run")
    assert result.code == 0, result.err
    for told in (
        "to_face",
        "patch_critic",
        "million parameters",
        "seconds per step",
        "peak memory",
        "6 pairs",
        "6 in 1 stage",
    ):
        assert told in result.out
    assert not Path("run").exists() and not Path("runs").exists()


def test_a_rehearsal_names_images_that_cannot_be_read(s2f, here: Path, make_data, tiny_recipe: Path) -> None:
    make_data(here / "data", train=(3, 3), test=(2, 2))
    Path("data/test/face/1.png").write_bytes(b"none")
    result = s2f("train", tiny_recipe, "--dry-run", *CPU)
    assert result.code == 1 and "left out: data/test/face/1.png" in result.err


def test_a_test_image_that_cannot_be_read_stops_no_training(
    s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(here / "data", train=(3, 3), test=(2, 2))
    Path("data/test/face/1.png").write_bytes(b"none")
    result = s2f("train", tiny_recipe, "-o", "run", *CPU)
    assert result.code == 0 and bundle.read_card(Path("run/model.safetensors")).step == 6
    assert "no samples at step 6: data/test/face/1.png" in result.err


def test_too_little_memory_is_one_line(train, monkeypatch: pytest.MonkeyPatch) -> None:
    def backward(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(Players, "backward", backward)
    result = train()
    assert result.code == 1
    assert "error: step 1: cpu has not enough memory for a batch of 2" in result.err
    assert "hint: use --set batch_size=1, --accumulate 2" in result.err


def test_weights_that_are_no_numbers_are_not_saved(train, monkeypatch: pytest.MonkeyPatch) -> None:
    update = Players.update

    def spoiling(self, terms, totals, step):
        update(self, terms, totals, step)
        if step == 4:
            with torch.no_grad():
                next(self._networks.to_face.parameters()).fill_(float("nan"))

    monkeypatch.setattr(Players, "update", spoiling)
    result = train("--save-every", 1)
    assert result.code == 1 and "a weight is not a finite number, so nothing was saved" in result.err
    assert bundle.read_card(Path("run/model.safetensors")).step == 3
    assert health.finite(torch.load("run/state.pt", weights_only=True)["networks"])


def test_no_number_keeps_the_last_good_state(train, monkeypatch: pytest.MonkeyPatch) -> None:
    at = Batches.at

    def spoiled(self, step, *device):
        batch = at(self, step, *device)
        return batch.map_images(lambda images: images * float("nan")) if step == 3 else batch

    with monkeypatch.context() as patched:
        patched.setattr(Batches, "at", spoiled)
        result = train("--save-every", 1)
    assert result.code == 1 and "step 4: the loss of generators is not a finite number" in result.err
    assert "smaller learning rate" in result.err
    assert train(output="whole").code == 0
    assert train("--resume").code == 0 and model("run") == model("whole")


def test_health_advice_is_printed_once(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "IMAGE_READINGS", 2)
    monkeypatch.setattr(health, "signs_of", lambda *_: {"inversion": True})
    result = train("--sample-every", 1)
    assert result.err.count("health: inversion: to face: light and dark are inverted") == 1
    assert result.err.count("health: ") == 2


def test_stops_early_where_nothing_gets_better(train, monkeypatch: pytest.MonkeyPatch) -> None:
    from s2f_cli.evaluation.checkpoint_scorer import CheckpointScorer

    monkeypatch.setattr(CheckpointScorer, "scores", lambda *_: {"ssim": 0.5})
    result = train("--best-by", "ssim", "--evaluate-every", 1, "--patience", 2, "--steps", 20)
    assert result.code == 0, result.err
    assert "no better test/ssim for 2 evaluations: stopping early" in result.err
    assert "stopped at step 2 of 20, saved; resume with: s2f train" in result.err
    assert bundle.read_card(Path("run/model.safetensors")).step == 2


def test_tensorboard_has_the_hyperparameters(tiny_run: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tiny_run)).Reload()
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"weights.cycle" in content and b"players.critics.learning_rate" in content


def test_wandb_is_told_where_its_variables_are_set(train, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    run = types.SimpleNamespace(
        log=lambda values, step: told.append((step, set(values))),
        finish=lambda exit_code: told.extend([exit_code]),
    )
    fake = types.ModuleType("wandb")
    fake.__spec__ = types.SimpleNamespace(name="wandb")  # type: ignore[assignment]
    fake.init = lambda **how: told.append(how) or run  # type: ignore[attr-defined]
    fake.Image = str  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert train("--steps", 1).code == 0
    how, (step, names), picture, code = told
    assert how["config"]["weights.cycle"] == 10.0 and how["project"] == "s2f" and how["name"] == "run"
    assert step == 1 and "generators/cycle" in names and picture == (1, {"samples"}) and code == 0


def test_wandb_that_is_not_installed_is_no_error(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "none")
    result = train("--steps", 1)
    assert result.code == 0 and "pip install wandb" in result.err
