"""Run folders: creating, resuming, logs after a kill."""

import json
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import RunError
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_settings import RunSettings


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


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, settings: RunSettings) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"cannot write .*file"):
        Run.create(tmp_path / "file" / "run", settings)


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x05\x06" + bytes(18), b"\x80\x02cos\nsystem\n."])
def test_a_damaged_state_is_an_error(tmp_path: Path, settings: RunSettings, content: bytes) -> None:
    run = Run.create(tmp_path / "run", settings)
    (run.folder / "state.pt").write_bytes(content)
    with pytest.raises(RunError, match="is damaged: ") as raised:
        run.load()
    assert "weights_only" not in raised.value.message
