"""`s2f train`: the run folder, its options, refusals, stopping and resuming."""

import json
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.data.manifest import Manifest
from s2f_cli.models import bundle
from s2f_cli.training.run_folder import Run

CPU = ("--device", "cpu")


def test_a_run_folder_has_settings_state_model_log_and_samples(tiny_run: Path, steps_logged) -> None:
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


def test_epochs_set_the_length(s2f, here: Path, data: Path, tiny_recipe: Path, steps_logged) -> None:
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


def test_a_domain_missing_from_the_test_split_does_not_stop_the_samples(
    s2f, here: Path, make_data, tiny_recipe: Path
) -> None:
    make_data(here / "data", train=(4, 3), test=(2, 0))
    result = s2f("train", tiny_recipe, "--steps", 1, "-o", "run", *CPU)
    assert result.code == 0, result.err
    assert Path("run/samples/000001.png").is_file()
