"""Run folders: creating, resuming, logs after a kill."""

import json
import os
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import RunError
from s2f_cli.models import recipes
from s2f_cli.training import run_folder
from s2f_cli.training.run_folder import Run, RunSettings


@pytest.fixture
def settings(tiny_recipe: Path) -> RunSettings:
    return RunSettings(
        recipe=recipes.read(str(tiny_recipe)),
        seed=3,
        precision="fp32",
        data="data",
        data_source="tiny, by hand",
        data_digest="0" * 64,
        data_licence="MIT",
    )


def set_age(path: Path, seconds: int) -> None:
    os.utime(path, (10**9 - seconds, 10**9 - seconds))


def test_an_opened_run_has_the_settings_it_was_created_with(tmp_path: Path, settings: RunSettings) -> None:
    Run.create(tmp_path / "run", settings)
    assert Run.open(tmp_path / "run").settings == settings


def test_a_folder_with_a_run_is_refused(tmp_path: Path, settings: RunSettings) -> None:
    Run.create(tmp_path / "run", settings)
    with pytest.raises(RunError, match="already holds a run") as raised:
        Run.create(tmp_path / "run", settings)
    assert "--resume" in raised.value.hint


def test_a_saved_state_loads(tmp_path: Path, settings: RunSettings) -> None:
    run = Run.create(tmp_path / "run", settings)
    assert run.load() is None
    state = {
        "step": 3,
        "networks": {"a": torch.arange(3.0)},
        "optimizers": {"g": {"state": {0: torch.ones(2)}}},
    }
    run.save(state)
    loaded = run.load()
    assert loaded is not None and loaded["step"] == 3
    assert torch.equal(loaded["networks"]["a"], torch.arange(3.0))
    assert torch.equal(loaded["optimizers"]["g"]["state"][0], torch.ones(2))


def test_rewinding_drops_later_and_broken_lines(tmp_path: Path, settings: RunSettings) -> None:
    run = Run.create(tmp_path / "run", settings)
    run.rewind(0)
    for step in (1, 2, 3):
        run.log({"step": step, "loss": 0.1})
    with (run.folder / "log.jsonl").open("a") as log:
        log.write('{"step": 4, "lo')
    run.rewind(2)
    assert [json.loads(line)["step"] for line in (run.folder / "log.jsonl").open()] == [1, 2]


def test_rewinding_removes_temporary_files_and_nothing_else(tmp_path: Path, settings: RunSettings) -> None:
    run = Run.create(tmp_path / "run", settings)
    (run.folder / "samples").mkdir()
    temporary = [run.folder / ".s2f-state.pt.abc.pt", run.folder / "samples/.s2f-000001.png.abc.png"]
    kept = [run.folder / ".gitignore", run.folder / "samples/000001.png"]
    for file in temporary + kept:
        file.touch()
    run.rewind(0)
    assert not any(file.exists() for file in temporary)
    assert all(file.exists() for file in kept)


def test_new_run_folders_are_numbered(tmp_path: Path) -> None:
    assert run_folder.next_folder("tiny", tmp_path / "runs") == tmp_path / "runs/0001-tiny"
    for name in ("0001-tiny", "0007-other", "12345-tiny", "notes", "99-short"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert run_folder.next_folder("tiny", tmp_path / "runs").name == "12346-tiny"


def test_the_newest_run_of_a_recipe(tmp_path: Path, settings: RunSettings) -> None:
    for seconds, name in ((20, "0001-tiny"), (10, "0002-conv-ae"), (30, "0003-tiny")):
        set_age(Run.create(tmp_path / name, settings).folder / "run.json", seconds)
    assert run_folder.newest_run("conv-ae", tmp_path).name == "0002-conv-ae"
    assert run_folder.newest_run("tiny", tmp_path).name == "0001-tiny"
    with pytest.raises(RunError, match="no run of cyclegan in"):
        run_folder.newest_run("cyclegan", tmp_path)
