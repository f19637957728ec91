import json
import os
import platform
import shutil
from pathlib import Path

import psutil
import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training import run_choice
from s2f_cli.training.curves import Curves
from s2f_cli.training.run_summary import RunSummary, differing_settings


@pytest.fixture
def run(tiny_run: Path, tmp_path: Path) -> Path:
    """A copy of a finished run of six steps."""
    return Path(shutil.copytree(tiny_run, tmp_path / "runs/0001-tiny"))


def test_a_run_is_summarised_before_and_after_its_first_log(run: Path) -> None:
    log = (run / "log.jsonl").read_bytes()
    for file in ("log.jsonl", "model.safetensors"):
        (run / file).unlink()
    assert (RunSummary.of(run).step, RunSummary.of(run).state) == (0, "stopped")
    (run / "log.jsonl").write_bytes(log)
    summary = RunSummary.of(run)
    assert (summary.recipe, summary.step, summary.seed, summary.steps) == ("tiny", 6, 0, 0)
    assert summary.last == Curves.of(run).last()


def test_a_run_is_finished_stopped_or_running(run: Path) -> None:
    assert (RunSummary.of(run).state, RunSummary.of(run).steps) == ("finished", 6)
    holder = {"pid": os.getpid(), "host": platform.node(), "started": psutil.Process().create_time()}
    (run / "train.lock").write_text(json.dumps(holder))
    assert RunSummary.of(run).state == "running"
    (run / "train.lock").write_text(json.dumps(holder | {"started": 1.0}))  # left by a kill
    assert RunSummary.of(run).state == "finished"
    with (run / "log.jsonl").open("a") as log:
        log.write('{"step": 7, "critics/real": 1.0}\n')
    assert RunSummary.of(run).state == "stopped"


def test_every_setting_that_differs_is_compared(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    document = json.loads((run / "run.json").read_text())
    document["seed"] = 7
    document["recipe"]["stages"][0]["data"]["augment"] = []
    document["recipe"]["networks"]["to_face"]["features"] = 8
    document["recipe"]["title"] = "Another"
    (other / "run.json").write_text(json.dumps(document))
    assert differing_settings([run, other]) == {
        "seed": ["0", "7"],
        "data.augment": ['[{"part": "flip"}]', "[]"],
        "networks.to_face.features": ["4", "8"],
    }


def test_runs_are_found_by_path_name_or_a_start_of_one_name(run: Path) -> None:
    folder = run.parent
    assert run_choice.find(run) == run
    for name in ("0001-tiny", "0001", "00"):
        assert run_choice.find(Path(name), folder) == run
    with pytest.raises(RunError, match="no run '0001-tyni'") as raised:
        run_choice.find(Path("0001-tyni"), folder)
    assert "did you mean '0001-tiny'?" in raised.value.hint


def test_a_sweep_is_deleted_with_its_runs_and_nothing_else(run: Path) -> None:
    sweep = run.parent / "sweep-tiny"
    for seed in (0, 1):
        shutil.copytree(run, sweep / f"seed={seed}")
    assert list(run_choice.remove(sweep)) == [sweep / "seed=0", sweep / "seed=1"]
    assert not sweep.exists() and run.exists()
    (run.parent / "notes").mkdir()
    with pytest.raises(RunError, match="holds no run"):
        list(run_choice.remove(run.parent / "notes"))
