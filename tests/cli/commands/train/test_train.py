"""`s2f train`: the run folder, its options, refusals, stopping and resuming."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest
import torch
from PIL import Image

from s2f_cli.cli.commands.train.display import TrainingDisplay
from s2f_cli.data.manifest import Manifest
from s2f_cli.models import bundle
from s2f_cli.training import health
from s2f_cli.training.events import Logged
from s2f_cli.training.players import Players
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_lock import locked

CPU = ("--device", "cpu")


def steps_logged(run: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_run_folder_has_settings_state_model_log_and_samples(tiny_run: Path) -> None:
    assert {"run.json", "state.pt", "model.safetensors", "log.jsonl", "samples"} <= {
        p.name for p in tiny_run.iterdir()
    }
    assert list(tiny_run.glob("events.out.tfevents*"))
    assert steps_logged(tiny_run) == [1, 2, 3, 4, 5, 6]
    card = bundle.read_card(tiny_run / "model.safetensors")
    assert (card.step, card.seed, card.licence) == (6, 0, "MIT")
    assert card.data == "tiny, by hand"
    with Image.open(tiny_run / "samples" / "000006.png") as sheet:
        assert sheet.width > 4 * 16 and sheet.height > 3 * 16
    assert not list(tiny_run.glob(".*"))


def test_prints_the_run_folder_and_nothing_else_on_stdout(
    s2f, here: Path, data: Path, tiny_recipe: Path
) -> None:
    for number in (1, 2):
        result = s2f("train", tiny_recipe, "--steps", 1, "--data", data, *CPU)
        assert result.code == 0
        assert result.out == f"runs/000{number}-tiny\n"
        assert f"training tiny into runs/000{number}-tiny on cpu, 1 steps" in result.err
        assert "step 1/1" in result.err and "generators/cycle" in result.err


def test_the_folder_data_is_the_default(s2f, here: Path, make_data, tiny_recipe: Path) -> None:
    make_data(here / "data", train=(2, 2))
    assert s2f("train", tiny_recipe, "--steps", 1, *CPU).code == 0
    settings = Run.open(Path("runs/0001-tiny")).settings
    assert settings.data == "data"
    assert settings.data_digest == Manifest.read(here / "data").digest()


def test_tensorboard_has_the_losses(tiny_run: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tiny_run)).Reload()
    record = json.loads((tiny_run / "log.jsonl").read_text().splitlines()[-1])
    last = events.Scalars("generators/cycle")[-1]
    assert last.step == 6 and last.value == pytest.approx(record["generators/cycle"])
    assert {"critics/real", "critics/fake", "generators/adversarial", "images per second"} <= set(
        events.Tags()["scalars"]
    )
    assert events.Tags()["images"] == ["samples"]


def test_epochs_set_the_length(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    result = s2f("train", tiny_recipe, "--epochs", 2, "-o", "run", "--data", data, *CPU)
    assert "training tiny into run on cpu, 6 steps" in result.err
    assert steps_logged(Path("run")) == [1, 2, 3, 4, 5, 6]


def test_saves_and_samples_at_the_given_intervals(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[int] = []
    save = Run.save

    def recording(self: Run, state: dict) -> None:
        saved.append(state["step"])
        save(self, state)

    monkeypatch.setattr(Run, "save", recording)
    every = ("--save-every", 2, "--sample-every", 3)
    assert s2f("train", tiny_recipe, "--steps", 5, "-o", "run", "--data", data, *every, *CPU).code == 0
    assert saved == [2, 4, 5]
    assert sorted(p.name for p in Path("run/samples").iterdir()) == ["000003.png", "000005.png"]


def test_the_seed_decides_the_weights(s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path) -> None:
    for seed, folder in ((0, "again"), (1, "other")):
        assert s2f("train", tiny_recipe, "--seed", seed, "-o", folder, "--data", data, *CPU).code == 0
    model = (tiny_run / "model.safetensors").read_bytes()
    assert Path("again/model.safetensors").read_bytes() == model
    assert Path("other/model.safetensors").read_bytes() != model


def test_an_override_is_recorded_in_the_run(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    changed = ("--set", "weights.cycle=5", "--set", "players.generators.learning_rate=0.1")
    assert s2f("train", tiny_recipe, "--steps", 1, "-o", "run", "--data", data, *changed, *CPU).code == 0
    stage = bundle.read_card(Path("run/model.safetensors")).recipe.stages[0]
    assert (stage.weights["cycle"], stage.players["generators"].learning_rate) == (5, 0.1)


REFUSALS = {
    "unknown recipe": (["conv-a"], "there is no recipe 'conv-a'", "did you mean 'conv-ae'?"),
    "missing recipe file": (["mine.toml"], "there is no recipe file mine.toml", "path"),
    "unknown key": (["{tiny}", "--set", "weight.cycle=5"], "unknown key 'weight'", "did you mean 'weights'?"),
    "unknown device": (
        ["{tiny}", "--device", "tpu9"],
        "there is no device 'tpu9'",
        "known: auto, cpu, cuda, mps",
    ),
    "missing data": (
        ["{tiny}", "--data", "nowhere"],
        "there is no prepared data set in nowhere",
        "s2f prepare",
    ),
    "output is a file": (["{tiny}", "--output", "{tiny}"], "is a file, not a folder", "--output"),
    "output is taken": (["{tiny}", "--output", "{run}"], "already holds a run", "--resume"),
    "nothing to resume": (["{tiny}", "--resume"], "there is no run of tiny in runs to resume", "--resume"),
    "resume an empty folder": (["{tiny}", "--resume", "-o", "."], ". holds no run", "s2f train"),
    "another recipe": (
        ["conv-ae", "--resume", "-o", "{run}"],
        "another recipe (tiny, not conv-ae)",
        "--resume",
    ),
    "another seed": (
        ["{tiny}", "--resume", "-o", "{run}", "--seed", "9"],
        "another seed (0, not 9)",
        "--seed",
    ),
    "another precision": (
        ["{tiny}", "--resume", "-o", "{run}", "--precision", "fp16"],
        "another precision (",
        "--precision",
    ),
    "another override": (
        ["{tiny}", "--resume", "-o", "{run}", "--set", "weights.cycle=1"],
        "started with another set of overrides",
        "--set",
    ),
    "other data": (
        ["{tiny}", "--resume", "-o", "{run}", "--data", "{other}"],
        "another data set, so",
        "restore the data set",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses_with_an_error_and_a_hint(
    case: str, s2f, here: Path, data: Path, make_data, tiny_recipe: Path, tiny_run: Path
) -> None:
    arguments, message, hint = REFUSALS[case]
    names = {"tiny": tiny_recipe, "run": tiny_run, "other": here / "other"}
    if case == "other data":
        make_data(here / "other", train=(3, 3))
    before = {file: file.read_bytes() for file in tiny_run.rglob("*") if file.is_file()}
    standard = () if "--data" in arguments else ("--data", data)
    result = s2f("train", *(a.format(**names) for a in arguments), *standard)
    assert result.code == 1
    assert not result.out
    lines = result.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"], result.err
    assert message in lines[0] and hint in lines[0] + lines[1]
    assert before == {file: file.read_bytes() for file in tiny_run.rglob("*") if file.is_file()}
    assert not Path("runs").exists()


def interrupt_training(
    monkeypatch: pytest.MonkeyPatch, after: int, times: int = 1, number: int = signal.SIGINT
) -> None:
    """Send a signal, once or several times, during a step."""
    update, interrupts = Players.update, [number] * times

    def interrupted_update(self, terms, totals, step):
        while step == after and interrupts:
            os.kill(os.getpid(), interrupts.pop())
        update(self, terms, totals, step)

    monkeypatch.setattr(Players, "update", interrupted_update)


def test_ctrl_c_saves_and_prints_the_command_that_resumes(
    s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        interrupt_training(patched, after=3)
        result = s2f("train", tiny_recipe, "--output", "my run", "--data", data, *CPU)
    assert result.code == 130
    assert "stopped at step 3 of 6, saved; resume with: " in result.err
    assert steps_logged(Path("my run")) == [1, 2, 3]
    assert bundle.read_card(Path("my run/model.safetensors")).step == 3
    command = result.err.splitlines()[-1].partition("resume with: ")[2]
    import shlex

    resumed = s2f(*shlex.split(command)[1:], *CPU)
    assert resumed.code == 0, resumed.err
    assert "resuming my run at step 3 of 6 on cpu" in resumed.err
    for file in ("model.safetensors", "log.jsonl"):
        assert (Path("my run") / file).read_bytes() == (tiny_run / file).read_bytes()


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_closed_terminal_saves_as_sigterm_does(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The shell and the system each send one."""
    handler = signal.getsignal(getattr(signal, name))
    interrupt_training(monkeypatch, after=3, times=2, number=getattr(signal, name))
    result = s2f("train", tiny_recipe, "--output", "run", "--data", data, *CPU)
    assert result.code == 130
    assert bundle.read_card(Path("run/model.safetensors")).step == 3
    assert steps_logged(Path("run")) == [1, 2, 3]
    assert signal.getsignal(getattr(signal, name)) == handler


def test_nohup_keeps_training(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        interrupt_training(monkeypatch, after=3, number=signal.SIGHUP)
        assert s2f("train", tiny_recipe, "--output", "run", "--data", data, *CPU).code == 0
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("problem", [BrokenPipeError, OSError(errno.EIO, "Input/output error")])
def test_a_reader_that_goes_away_saves_as_sigterm_does(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch, problem
) -> None:
    def fail(display: object, event: object) -> None:
        if isinstance(event, Logged) and event.step >= 3:
            raise problem

    monkeypatch.setattr(TrainingDisplay, "__call__", fail)
    assert s2f("train", tiny_recipe, "--output", "run", "--data", data, *CPU).code == 130
    assert bundle.read_card(Path("run/model.safetensors")).step == 3


def test_a_run_that_is_being_trained_is_not_resumed(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    arguments = ("train", tiny_recipe, "--output", "run", "--data", data, *CPU)
    assert s2f(*arguments, "--steps", 2).code == 0
    before = {file: file.read_bytes() for file in Path("run").rglob("*") if file.is_file()}
    with locked(Path("run")):
        result = s2f(*arguments, "--resume")
    assert result.code == 1
    assert f"error: run is being trained by process {os.getpid()}" in result.err
    assert before == {file: file.read_bytes() for file in Path("run").rglob("*") if file.is_file()}
    assert s2f(*arguments, "--resume").code == 0


def test_ctrl_c_in_the_last_step_changes_nothing(
    s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_training(monkeypatch, after=6)
    assert s2f("train", tiny_recipe, "-o", "run", "--data", data, *CPU).code == 0
    assert Path("run/model.safetensors").read_bytes() == (tiny_run / "model.safetensors").read_bytes()


def test_a_second_ctrl_c_stops_at_once(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_training(monkeypatch, after=3, times=2)
    result = s2f("train", tiny_recipe, "-o", "run", "--save-every", 2, "--data", data, *CPU)
    assert result.code == 130
    assert bundle.read_card(Path("run/model.safetensors")).step == 2


def test_the_newest_run_of_the_recipe_is_resumed(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    for steps in (1, 2):
        assert s2f("train", tiny_recipe, "--steps", steps, "--data", data, *CPU).code == 0
    result = s2f("train", tiny_recipe, "--resume", "--steps", 3, "--data", data, *CPU)
    assert result.code == 0
    assert result.out == "runs/0002-tiny\n"
    assert "resuming runs/0002-tiny at step 2 of 3" in result.err
    assert steps_logged(Path("runs/0002-tiny")) == [1, 2, 3]


def test_resuming_a_finished_run_changes_nothing(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    arguments = ("train", tiny_recipe, "-o", "run", "--data", data, *CPU)
    assert s2f(*arguments).code == 0
    before = {
        name: (Path("run") / name).read_bytes() for name in ("model.safetensors", "log.jsonl", "state.pt")
    }
    assert s2f(*arguments, "--resume").code == 0
    assert before == {name: (Path("run") / name).read_bytes() for name in before}


def test_a_lengthened_run_equals_a_longer_one(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    common = ("train", tiny_recipe, "--data", data, *CPU)
    assert s2f(*common, "-o", "short", "--steps", 2).code == 0
    assert s2f(*common, "-o", "short", "--steps", 5, "--resume").code == 0
    assert s2f(*common, "-o", "long", "--steps", 5).code == 0
    short, long = ((Path(run) / "model.safetensors").read_bytes() for run in ("short", "long"))
    assert short == long


def test_a_loss_that_is_not_a_number_ends_the_run_with_its_last_save(
    s2f, here: Path, data: Path, tiny_recipe: Path
) -> None:
    wild = ("--set", "players.generators.learning_rate=1e30", "--save-every", 1)
    result = s2f("train", tiny_recipe, "-o", "run", "--data", data, *wild, *CPU)
    assert result.code == 1
    assert "is not a finite number" in result.err and "learning rate" in result.err
    state = torch.load("run/state.pt", weights_only=True)
    assert state["step"] == 1 and health.finite(state["networks"])
    assert bundle.read_card(Path("run/model.safetensors")).step == 1


def test_a_domain_missing_from_the_test_split_does_not_stop_the_samples(
    s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(here / "data", train=(4, 3), test=(2, 0))
    result = s2f("train", tiny_recipe, "--steps", 1, "-o", "run", *CPU)
    assert result.code == 0, result.err
    assert Path("run/samples/000001.png").is_file()
