"""Run folders: creating, resuming, logs after a kill."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
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


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path, settings: RunSettings) -> None:
    run = Run.create(tmp_path / "run", settings)
    with run.locked():
        for attempt in (run.check_not_training, lambda: run.locked().__enter__()):
            with pytest.raises(RunError, match=f"run is being trained by process {os.getpid()}") as raised:
                attempt()
            assert (
                f"kill {os.getpid()}" in raised.value.hint
                and str(run.folder / "train.lock") in raised.value.hint
            )
    run.check_not_training()
    assert [file.name for file in run.folder.iterdir()] == ["run.json"]


def test_a_lock_without_its_process_is_no_obstacle(tmp_path: Path, settings: RunSettings) -> None:
    run = Run.create(tmp_path / "run", settings)
    (run.folder / "train.lock").write_text('{"pid": 1, "host": "elsewhere", "started": 0.0}')
    run.check_not_training()
    with run.locked():
        pass


def test_runs_started_at_once_take_different_numbers(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = ["a", "b"] * 8
        folders = list(pool.map(lambda name: run_folder.reserve_folder(name, tmp_path / "runs"), names))
    assert sorted(folder.name[:4] for folder in folders) == [f"{number:04}" for number in range(1, 17)]
    assert sorted((tmp_path / "runs").iterdir()) == sorted(folders)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, settings: RunSettings) -> None:
    (tmp_path / "file").touch()
    for attempt in (
        lambda: run_folder.reserve_folder("tiny", tmp_path / "file"),
        lambda: Run.create(tmp_path / "file" / "run", settings),
    ):
        with pytest.raises(RunError, match=r"cannot write .*file"):
            attempt()


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x05\x06" + bytes(18), b"\x80\x02cos\nsystem\n."])
def test_a_damaged_state_is_an_error(tmp_path: Path, settings: RunSettings, content: bytes) -> None:
    run = Run.create(tmp_path / "run", settings)
    (run.folder / "state.pt").write_bytes(content)
    with pytest.raises(RunError, match="is damaged: ") as raised:
        run.load()
    assert "weights_only" not in raised.value.message
