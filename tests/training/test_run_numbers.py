"""The numbered folders of runs."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training import run_numbers
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_settings import RunSettings


def set_age(path: Path, seconds: int) -> None:
    os.utime(path, (10**9 - seconds, 10**9 - seconds))


def test_new_run_folders_are_numbered(tmp_path: Path) -> None:
    assert run_numbers.next_folder("tiny", tmp_path / "runs") == tmp_path / "runs/0001-tiny"
    for name in ("0001-tiny", "0007-other", "12345-tiny", "notes", "99-short"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert run_numbers.next_folder("tiny", tmp_path / "runs").name == "12346-tiny"


def test_the_newest_run_of_a_recipe(tmp_path: Path, settings: RunSettings) -> None:
    for seconds, name in ((20, "0001-tiny"), (10, "0002-conv-ae"), (30, "0003-tiny")):
        set_age(Run.create(tmp_path / name, settings).folder / "run.json", seconds)
    assert run_numbers.newest_run("conv-ae", tmp_path).name == "0002-conv-ae"
    assert run_numbers.newest_run("tiny", tmp_path).name == "0001-tiny"
    with pytest.raises(RunError, match="no run of cyclegan in"):
        run_numbers.newest_run("cyclegan", tmp_path)


def test_runs_started_at_once_take_different_numbers(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = ["a", "b"] * 8
        folders = list(pool.map(lambda name: run_numbers.reserve_folder(name, tmp_path / "runs"), names))
    assert sorted(folder.name[:4] for folder in folders) == [f"{number:04}" for number in range(1, 17)]
    assert sorted((tmp_path / "runs").iterdir()) == sorted(folders)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"cannot write .*file"):
        run_numbers.reserve_folder("tiny", tmp_path / "file")
