"""Commands as processes, and rows at once."""

import threading
from pathlib import Path

import pytest

from s2f_cli.benchmark.processes import Processes, _reason, work_off


def test_a_command_runs_with_its_output_apart_and_a_log(tmp_path: Path) -> None:
    log = tmp_path / "logs/row.txt"
    ended = Processes().run(["s2f", "recipes", "show", "no such"], log)
    assert ended.code == 1 and ended.stdout == b"" and "no recipe" in ended.reason
    text = log.read_text()
    assert text.startswith("$ s2f recipes show 'no such'\n") and "error: " in text


@pytest.mark.parametrize(
    ("code", "stderr", "reason"),
    [
        (1, b"error: one\nhint: do\nerror: two\nhint: do\n", "two"),
        (1, b"Traceback\nKeyError: 3\n", "KeyError: 3"),
        (7, b"", "exit code 7"),
        (-9, b"step 3\n", "the process was ended by SIGKILL"),
    ],
)
def test_the_reason_of_a_failure(code: int, stderr: bytes, reason: str) -> None:
    assert _reason(code, stderr) == reason


def test_after_a_stop_nothing_starts(tmp_path: Path) -> None:
    processes = Processes()
    processes.stop()
    ended = processes.run(["s2f", "--version"], tmp_path / "log.txt")
    assert ended.stopped and ended.stdout == b""


def test_jobs_run_at_once_and_an_interruption_stops_them() -> None:
    meeting, seen = threading.Barrier(2, timeout=10), []

    def work(item: int, processes: Processes) -> int:
        if item < 2:
            meeting.wait()
        seen.append(processes)
        return -item

    assert dict(work_off(work, range(4), jobs=2)) == {0: 0, 1: -1, 2: -2, 3: -3}
    outcomes = work_off(lambda item, processes: seen.append(processes), range(2), jobs=1)
    next(outcomes)
    outcomes.close()
    assert seen[0].stopped is False and seen[-1].stopped is True
