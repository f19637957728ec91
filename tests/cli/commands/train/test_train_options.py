"""Options of `s2f train`: precision, accumulation, lengths, copies, dry runs, early stopping, loggers."""

import json
import sys
import types
from pathlib import Path

import pytest
import torch

from s2f_cli.models import bundle
from s2f_cli.training import compute, health
from s2f_cli.training.batches import Batches
from s2f_cli.training.events import Stepped
from s2f_cli.training.players import Players
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.trainer import Trainer

CPU = ("--device", "cpu")
DECAY = (
    "--set",
    "players.critics.schedule.part=linear_decay",
    "--set",
    "players.critics.schedule.start=0.5",
)
"""The critics' learning rate falls in the second half of a run."""


def model(run: str | Path) -> bytes:
    return (Path(run) / "model.safetensors").read_bytes()


@pytest.fixture
def train(s2f, here: Path, data: Path, tiny_recipe: Path):
    """Runs `s2f train` with the tiny recipe and data, into `run` by default."""

    def run(*arguments: object, output: str = "run"):
        return s2f("train", tiny_recipe, "-o", output, "--data", data, *CPU, *arguments)

    return run


def test_accumulation_changes_nothing_but_rounding(train, tiny_run: Path) -> None:
    assert train("--accumulate", 2).code == 0
    networks, _ = bundle.load(Path("run/model.safetensors"))
    single, _ = bundle.load(tiny_run / "model.safetensors")
    for name, value in single.named_parameters():
        torch.testing.assert_close(networks.state_dict()[name], value, rtol=0, atol=0.02)


def test_deterministic_trainings_are_bit_identical(train) -> None:
    try:
        for folder in ("one", "two"):
            assert train("--deterministic", output=folder).code == 0
    finally:
        torch.use_deterministic_algorithms(False)
    assert model("one") == model("two")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_is_recorded_and_resumes_bit_exactly(
    precision: str, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("native_bf16", "native_fp16"):
        monkeypatch.setattr(compute, name, lambda: True)
    assert train("--precision", precision, output="whole").code == 0
    assert train("--precision", precision, "--steps", 3).code == 0
    assert json.loads(Path("run/run.json").read_text())["precision"] == precision
    assert train("--resume", "--steps", 6).code == 0
    assert model("run") == model("whole")


def test_a_precision_that_the_processor_lacks_is_replaced(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "native_fp16", lambda: False)
    result = train("--precision", "fp16", "--steps", 1)
    assert result.code == 0
    assert "fp16 is not used: this processor has no instructions for it, so fp32 is faster" in result.err
    assert json.loads(Path("run/run.json").read_text())["precision"] == "fp32"


def test_copies_are_kept_at_the_given_interval(train) -> None:
    assert train("--keep-every", 2).code == 0
    kept = sorted(Path("run/kept").iterdir())
    assert [bundle.read_card(file).step for file in kept] == [2, 4, 6]


def test_a_longer_run_is_resumed_at_its_new_length(train) -> None:
    for arguments in (("--steps", 2), ("--steps", 8, "--resume")):
        assert train(*arguments).code == 0
    assert "at step 8 of 8" in train("--resume").err


def test_a_schedule_that_another_length_would_have_changed_is_refused(train) -> None:
    assert train("--steps", 4, *DECAY).code == 0
    before = model("run")
    result = train("--steps", 8, "--resume")
    assert result.code == 1 and model("run") == before
    assert (
        "a stage of 8 steps instead of 4 would have given critics other learning rates so far" in result.err
    )


def test_a_schedule_that_had_not_begun_may_end_later(train, data: Path, tiny_recipe: Path) -> None:
    request = TrainRequest(str(tiny_recipe), data, Path("run"), steps=6, overrides=DECAY[1::2], device="cpu")
    trainer = Trainer(request)
    for event in trainer.run():
        if isinstance(event, Stepped) and event.step == 2:
            trainer.stop()
    resumed = train("--steps", 8, "--resume")
    assert resumed.code == 0 and "at step 2 of 8" in resumed.err
    assert train("--steps", 8, *DECAY, output="whole").code == 0
    assert model("run") == model("whole")


def test_a_dry_run_shows_the_cost_and_writes_nothing(train) -> None:
    result = train("--dry-run")
    assert result.code == 0, result.err
    for text in (
        "to_face",
        "patch_critic",
        "million parameters",
        "seconds per step",
        "peak memory",
        "6 pairs",
        "6 in 1 stage",
    ):
        assert text in result.out
    assert not Path("run").exists() and not Path("runs").exists()


def test_a_dry_run_names_unreadable_images(s2f, here: Path, make_data, tiny_recipe: Path) -> None:
    make_data(here / "data", train=(3, 3), test=(2, 2))
    Path("data/test/face/1.png").write_bytes(b"none")
    result = s2f("train", tiny_recipe, "--dry-run", *CPU)
    assert result.code == 1 and "left out: data/test/face/1.png" in result.err


def test_an_unreadable_test_image_does_not_stop_the_training(
    s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(here / "data", train=(3, 3), test=(2, 2))
    Path("data/test/face/1.png").write_bytes(b"none")
    result = s2f("train", tiny_recipe, "-o", "run", *CPU)
    assert result.code == 0 and bundle.read_card(Path("run/model.safetensors")).step == 6
    assert "no samples at step 6: data/test/face/1.png" in result.err


def test_running_out_of_memory_is_one_line_with_a_hint(train, monkeypatch: pytest.MonkeyPatch) -> None:
    def backward(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(Players, "backward", backward)
    result = train()
    assert result.code == 1
    assert "error: step 1: cpu does not have enough memory for a batch of 2" in result.err
    assert "hint: use --set batch_size=1, --accumulate 2" in result.err


def test_a_loss_that_is_not_finite_keeps_the_last_good_state(train, monkeypatch: pytest.MonkeyPatch) -> None:
    at = Batches.at

    def with_nan(self, step, *device):
        batch = at(self, step, *device)
        return batch.map(lambda images: images * float("nan")) if step == 3 else batch

    with monkeypatch.context() as patched:
        patched.setattr(Batches, "at", with_nan)
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


def test_stops_early_without_a_better_score(train, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_wandb_is_used_if_its_variables_are_set(train, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    run = types.SimpleNamespace(
        log=lambda values, step: calls.append((step, set(values))),
        finish=lambda exit_code: calls.append({"exit_code": exit_code}),
    )
    fake = types.ModuleType("wandb")
    fake.__spec__ = types.SimpleNamespace(name="wandb")  # type: ignore[assignment]
    fake.init = lambda **settings: calls.append(settings) or run  # type: ignore[attr-defined]
    fake.Image = str  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert train("--steps", 1).code == 0
    settings, (step, names), samples, end = calls
    assert settings["config"]["weights.cycle"] == 10.0
    assert (settings["project"], settings["name"]) == ("s2f", "run")
    assert (
        step == 1 and "generators/cycle" in names and samples == (1, {"samples"}) and end == {"exit_code": 0}
    )


def test_a_missing_wandb_is_a_warning(train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "none")
    result = train("--steps", 1)
    assert result.code == 0 and "pip install wandb" in result.err
