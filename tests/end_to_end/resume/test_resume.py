"""A run that is interrupted and resumed ends with the same bytes as an uninterrupted one.

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
SMALL = {"tiny": ("{tiny}",), "conv-ae": ("conv-ae", "image.size=16", "batch_size=2")}
"""Recipes, each with its overrides."""
SAVES = ["--save-every", "2", "--sample-every", "3"]
FEWER_STEPS = 6
"""Steps in which each file is written twice or more often."""


class Forks:
    """Runs `s2f` in processes of their own, one at a time."""

    def __init__(self, *arguments: str) -> None:
        program = Path(__file__).with_name("forks.py")
        self._server = subprocess.Popen(
            [sys.executable, program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.output = Path("output.txt").resolve()

    def start(self, *arguments: str, kill_at: int = 0) -> int:
        """Start `s2f` and return its process id; `kill_at` is explained in forks.py."""
        assert self._server.stdin and self._server.stdout
        self.output.unlink(missing_ok=True)
        self._server.stdin.write(json.dumps([str(self.output), kill_at, arguments]) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def wait(self) -> int:
        """The exit code of the started process, negative for a signal."""
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def run(self, *arguments: str, kill_at: int = 0) -> int:
        self.start(*arguments, kill_at=kill_at)
        return self.wait()

    def close(self) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait()


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory, data: Path, tiny_recipe: Path) -> Iterator[Forks]:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("resume"))
        patched.setenv("OMP_NUM_THREADS", "1")
        trained = [(name, STEPS) for name in SMALL] + [("tiny", FEWER_STEPS)]
        recipes = [[_recipe(name, tiny_recipe)[0], steps, *SMALL[name][1:]] for name, steps in trained]
        server = Forks(str(data), *map(json.dumps, recipes))
        yield server
        server.close()


def _recipe(name: str, tiny_recipe: Path) -> tuple[str, ...]:
    """A recipe of `SMALL` as words of a command."""
    recipe, *overrides = SMALL[name]
    sets = [word for override in overrides for word in ("--set", override)]
    return recipe.format(tiny=tiny_recipe), *sets


def train_command(name: str, tiny_recipe: Path, data: Path, steps: int) -> list[str]:
    """A training command without its output folder."""
    recipe = _recipe(name, tiny_recipe)
    options = ["--data", str(data), "--device", "cpu", "--steps", str(steps)]
    return ["train", *recipe, *options, *SAVES, "--output"]


@pytest.fixture(scope="module", params=SMALL)
def training(
    request: pytest.FixtureRequest, forks: Forks, data: Path, tiny_recipe: Path
) -> tuple[list[str], Path]:
    """A training command without its output folder, and the folder of an uninterrupted run of it."""
    command = train_command(request.param, tiny_recipe, data, STEPS)
    whole = Path(f"whole-{request.param}").resolve()
    subprocess.run([sys.executable, "-m", "s2f_cli", *command, str(whole)], check=True, capture_output=True)
    return command, whole


def content(run: Path) -> dict[str, bytes]:
    """The bytes of all files but TensorBoard's, and the existence of `state.pt`."""
    files = [file for file in run.rglob("*") if file.is_file() and "tfevents" not in file.name]
    return {str(f.relative_to(run)): f.read_bytes() if f.name != "state.pt" else b"" for f in files}


def steps_logged(run: Path) -> int:
    log = run / "log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def wait_for_step(run: Path, step: int, process: int) -> None:
    """Return when this many steps are logged, or the process has ended."""
    deadline = time.monotonic() + 60
    while steps_logged(run) < step and time.monotonic() < deadline and Path(f"/proc/{process}").exists():
        time.sleep(0.002)


def test_a_run_stopped_by_ctrl_c_at_random_steps_ends_with_the_same_bytes(
    forks: Forks, training: tuple[list[str], Path]
) -> None:
    (command, whole), run, rng = training, Path("stopped").resolve() / training[1].name, random.Random(0)
    words, stops = [*command, str(run)], 0
    for _ in range(3):
        process = forks.start(*words)
        wait_for_step(run, steps_logged(run) + rng.randint(1, 2), process)
        os.kill(process, signal.SIGINT)
        code = forks.wait()
        if code == 0:
            break
        assert code == 130
        stops += 1
        last = forks.output.read_text().splitlines()[-1]
        assert f"stopped at step {steps_logged(run)} of {STEPS}, saved; resume with: s2f train" in last
        words = shlex.split(last.partition("resume with: ")[2])[1:]
    assert stops and forks.run(*words) == 0
    assert content(run) == content(whole)


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(
    forks: Forks, training: tuple[list[str], Path]
) -> None:
    (command, whole), run, rng = training, Path("killed").resolve() / training[1].name, random.Random(1)
    kills = 0
    for _ in range(5):
        resume = ["--resume"] if (run / "run.json").exists() else []
        process = forks.start(*command, str(run), *resume)
        wait_for_step(run, steps_logged(run) // 2 * 2 + rng.randint(1, 3), process)
        time.sleep(rng.uniform(0, 0.04))
        os.kill(process, signal.SIGKILL)
        code = forks.wait()
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
    assert kills and forks.run(*command, str(run), "--resume") == 0
    assert content(run) == content(whole)


def test_a_run_killed_before_any_file_is_moved_into_place_ends_with_the_same_bytes(
    forks: Forks, tiny_recipe: Path, data: Path
) -> None:
    """One recipe is enough: the files are the same."""
    command, whole = train_command("tiny", tiny_recipe, data, FEWER_STEPS), Path("fewer").resolve()
    assert forks.run(*command, str(whole)) == 0, forks.output.read_text()
    for number in count(1):
        run = Path("cut").resolve() / str(number)
        code = forks.run(*command, str(run), kill_at=number)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        resume = ["--resume"] if (run / "run.json").exists() else []
        assert forks.run(*command, str(run), *resume) == 0, forks.output.read_text()
        assert content(run) == content(whole), f"killed at file {number}"
    files = 1 + 2 * 3 + 2  # run.json, three models and states, two grids of samples
    assert number == files + 1
