"""Only one process trains a run."""

import os
from pathlib import Path

import pytest

from s2f_cli.core.errors import RunError
from s2f_cli.training.run_lock import check_not_training, locked


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path):
        for attempt in (lambda: check_not_training(tmp_path), lambda: locked(tmp_path).__enter__()):
            with pytest.raises(RunError, match=f"is being trained by process {os.getpid()}") as raised:
                attempt()
            assert f"kill {os.getpid()}" in raised.value.hint
            assert str(tmp_path / "train.lock") in raised.value.hint
    check_not_training(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_lock_without_its_process_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "train.lock").write_text('{"pid": 1, "host": "elsewhere", "started": 0.0}')
    check_not_training(tmp_path)
    with locked(tmp_path):
        pass
