"""`s2f train --sweep`: its runs, its table, its failures."""

from pathlib import Path
from statistics import mean, stdev

import pytest

from s2f_cli.cli.commands.train.command_line import command_line, resume_command
from s2f_cli.cli.commands.train.sweep import split_values
from s2f_cli.training.curves import Curves
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run

CPU = ("--device", "cpu")


def test_trains_every_value_with_every_seed_and_prints_one_table(
    s2f, here: Path, data: Path, tiny_recipe: Path
) -> None:
    sweep = ("--steps", 2, "--sweep", "weights.cycle=5,10", "--seeds", 2, "-o", "sweep")
    arguments = ("train", tiny_recipe, "--data", data, *CPU, *sweep)
    result = s2f(*arguments)
    assert result.code == 0, result.err
    folders = sorted(folder.name for folder in Path("sweep").iterdir())
    assert folders == [f"weights.cycle={w}-seed={s}" for w in (10, 5) for s in (0, 1)]
    for name in folders:
        settings = Run.open(Path("sweep") / name).settings
        assert f"weights.cycle={settings.recipe.stages[0].weights['cycle']:.0f}-seed={settings.seed}" == name
    losses = [
        Curves.of(Path("sweep") / f"weights.cycle=5-seed={s}").last()["generators/cycle"] for s in (0, 1)
    ]
    assert f"{mean(losses):.4g} ± {stdev(losses):.2g}" in result.out
    assert "weights.cycle=10" in result.out and "generators/cycle" in result.out
    logs = [Path(f"sweep/{name}/log.jsonl").read_bytes() for name in folders]
    again = s2f(*arguments)
    assert again.code == 0 and again.out == result.out
    assert logs == [Path(f"sweep/{name}/log.jsonl").read_bytes() for name in folders]


def test_a_failed_setting_is_left_out(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    sweep = ("--steps", 1, "--sweep", "image.size=16,15", "-o", "sweep")
    result = s2f("train", tiny_recipe, "--data", data, *CPU, *sweep)
    assert result.code == 1
    assert "left out: sweep/image.size=15-seed=0" in result.err and "image.size=16" in result.out


def test_ray_tune_gives_the_same_models(s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    pytest.importorskip("ray.tune")
    sweep = ("--steps", 1, "--sweep", "weights.cycle=5,10")
    for folder, more in (("here", ()), ("there", ("--engine", "ray"))):
        result = s2f("train", tiny_recipe, "--data", data, *CPU, *sweep, "-o", folder, *more)
        assert result.code == 0, result.err
    for run in Path("here").iterdir():
        trial = Path("there") / run.name / "model.safetensors"
        assert trial.read_bytes() == (run / "model.safetensors").read_bytes()


def test_without_ray_the_extra_is_named(
    s2f, here: Path, data: Path, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s2f_cli.core import requirements

    monkeypatch.setattr(requirements.importlib.util, "find_spec", lambda name: None)
    result = s2f("train", tiny_recipe, "--data", data, *CPU, "--sweep", "weights.cycle=5", "--engine", "ray")
    assert result.code == 1 and requirements.install_hint("ray", "ray") in result.err


def test_a_request_has_a_command_line_and_one_that_resumes_it() -> None:
    request = TrainRequest(
        "a.toml", Path("my data"), steps=3, overrides=("a=1",), seed=4, deterministic=True, accumulate=2
    )
    words = ["s2f", "train", "a.toml", "--output", "run", "--set", "a=1", "--data", "my data", "--steps", "3"]
    assert command_line(request, Path("run")) == [
        *words,
        "--seed",
        "4",
        "--accumulate",
        "2",
        "--deterministic",
    ]
    resumed = "s2f train a.toml --output run --data 'my data' --accumulate 2 --deterministic --resume"
    assert resume_command(request, Path("run")) == resumed


@pytest.mark.parametrize("sweep", ["weights.cycle", "weights.cycle="])
def test_a_malformed_sweep_is_wrong_usage(sweep: str, s2f, here: Path, data: Path, tiny_recipe: Path) -> None:
    assert s2f("train", tiny_recipe, "--data", data, "--sweep", sweep).code == 2


def test_commas_in_brackets_and_quotes_do_not_split_values() -> None:
    assert split_values('[1, 2],"a,b",{c = 1, d = 2},3') == ["[1, 2]", '"a,b"', "{c = 1, d = 2}", "3"]
