"""An interrupted run that goes on ends, to the bit, where an uninterrupted one does.

The commands run in processes of their own, which are stopped by Ctrl-C and killed at any moment.
"""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

STEPS = 10
SMALL = {
    "tiny": ["{tiny}"],
    "conv-ae": ["conv-ae", "--set", "image.size=16", "--set", "batch_size=2"],
}


class Forks:
    """Processes that are `s2f`; one at a time."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("forks.py")
        self._server = subprocess.Popen(
            [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.told = Path("told.txt").resolve()

    def start(self, *arguments: str, die_at: int = 0) -> int:
        """Start one; returns its process id. `die_at`: see forks.py."""
        assert self._server.stdin and self._server.stdout
        self.told.unlink(missing_ok=True)
        self._server.stdin.write(json.dumps([str(self.told), die_at, arguments]) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def wait(self) -> int:
        """The exit code of the one that was started, negative for a signal."""
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def run(self, *arguments: str, die_at: int = 0) -> int:
        self.start(*arguments, die_at=die_at)
        return self.wait()

    def close(self) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait()


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("resume"))
        patched.setenv("OMP_NUM_THREADS", "1")
        server = Forks()
        yield server
        server.close()


@pytest.fixture(scope="module", params=SMALL)
def training(
    request: pytest.FixtureRequest, forks: Forks, data: Path, tiny_recipe: Path
) -> tuple[list[str], Path]:
    """The command of a training, but for its output, and the folder where it ran without interruption."""
    recipe = [word.format(tiny=tiny_recipe) for word in SMALL[request.param]]
    command = ["train", *recipe, "--data", str(data), "--device", "cpu", "--steps", str(STEPS)]
    command += ["--save-every", "2", "--sample-every", "3", "--output"]
    whole = Path(f"whole-{request.param}").resolve()
    subprocess.run([sys.executable, "-m", "s2f_cli", *command, str(whole)], check=True, capture_output=True)
    return command, whole


def content(run: Path) -> dict[str, bytes]:
    """All files but TensorBoard's, to the byte; of `state.pt` only that it is there."""
    files = [file for file in run.rglob("*") if file.is_file() and "tfevents" not in file.name]
    return {str(f.relative_to(run)): f.read_bytes() if f.name != "state.pt" else b"" for f in files}


def steps_logged(run: Path) -> int:
    log = run / "log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def wait_for_step(run: Path, step: int, process: int) -> None:
    """Return when so many steps are logged, or the process has ended."""
    deadline = time.monotonic() + 60
    while steps_logged(run) < step and time.monotonic() < deadline and Path(f"/proc/{process}").exists():
        time.sleep(0.002)


def test_stopped_by_ctrl_c_at_random_steps(forks: Forks, training: tuple[list[str], Path]) -> None:
    (command, whole), run, chance = training, Path("stopped").resolve() / training[1].name, random.Random(0)
    words, stops = [*command, str(run)], 0
    for _ in range(3):
        process = forks.start(*words)
        wait_for_step(run, steps_logged(run) + chance.randint(1, 2), process)
        os.kill(process, signal.SIGINT)
        code = forks.wait()
        if code == 0:
            break
        assert code == 130
        stops += 1
        last = forks.told.read_text().splitlines()[-1]
        assert f"stopped at step {steps_logged(run)} of {STEPS}, saved; resume with: s2f train" in last
        words = shlex.split(last.partition("resume with: ")[2])[1:]
    assert stops and forks.run(*words) == 0
    assert content(run) == content(whole)


def test_killed_at_random_moments(forks: Forks, training: tuple[list[str], Path]) -> None:
    (command, whole), run, chance = training, Path("killed").resolve() / training[1].name, random.Random(1)
    kills = 0
    for _ in range(5):
        again = ["--resume"] if (run / "run.json").exists() else []
        process = forks.start(*command, str(run), *again)
        wait_for_step(run, steps_logged(run) // 2 * 2 + chance.randint(1, 3), process)
        time.sleep(chance.uniform(0, 0.04))
        os.kill(process, signal.SIGKILL)
        code = forks.wait()
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
    assert kills and forks.run(*command, str(run), "--resume") == 0
    assert content(run) == content(whole)


def test_killed_before_any_file_takes_its_place(forks: Forks, training: tuple[list[str], Path]) -> None:
    command, whole = training
    if whole.name != "whole-tiny":
        pytest.skip("the same files, one recipe will do")
    for number in count(1):
        run = Path("cut").resolve() / str(number)
        code = forks.run(*command, str(run), die_at=number)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        again = ["--resume"] if (run / "run.json").exists() else []
        assert forks.run(*command, str(run), *again) == 0, forks.told.read_text()
        assert content(run) == content(whole), f"killed at file {number}"
    assert number > 10
