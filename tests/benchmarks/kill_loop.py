"""Kills trainings at random moments and looks at what is left, by hand:

    python tests/benchmarks/kill_loop.py [--kills 40] [--steps 60] [--seed 0]

One run is started, killed by SIGKILL after a random time and resumed, until it is done; then another. After
each kill all of its files are opened; a run that ends is compared with one that was never killed. Prints the
table of `docs/performance.md`.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "end_to_end" / "resume")]

from conftest import TINY  # noqa: E402
from test_resume import Forks, content  # noqa: E402

from s2f_cli.cli.console import markdown  # noqa: E402
from s2f_cli.core.errors import S2FError  # noqa: E402
from s2f_cli.models import bundle  # noqa: E402
from s2f_cli.training.curves import Curves  # noqa: E402
from s2f_cli.training.run_folder import Run  # noqa: E402


def unreadable(folder: Path) -> list[str]:
    """What of a run that was killed cannot be opened."""
    broken = []
    if not (folder / "run.json").exists():
        return broken
    run = Run.open(folder)
    checks = {"state.pt": run.load, "log.jsonl": lambda: Curves.of(folder)}
    checks["model.safetensors"] = lambda: bundle.load(run.bundle)
    for name, check in checks.items():
        if (folder / name).exists():
            try:
                check()
            except S2FError as problem:
                broken.append(problem.message)
    return broken


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, usual in (("kills", 40), ("steps", 60), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    told = parser.parse_args()
    chance = random.Random(told.seed)
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        Path("tiny.toml").write_text(TINY)
        forks = Forks()
        if forks.run("prepare", "demo", "--output", "data", "--count", "8"):
            sys.exit(forks.told.read_text())
        command = ["train", "tiny.toml", "--data", "data", "--device", "cpu", "--steps", str(told.steps)]
        command += ["--save-every", "3", "--sample-every", "7", "--keep-every", "20", "--output"]
        start = time.monotonic()
        if forks.run(*command, "whole"):
            sys.exit(forks.told.read_text())
        takes = time.monotonic() - start
        kills = finished = equal = 0
        broken: list[str] = []
        while kills < told.kills:
            folder = Path(f"run-{finished}")
            again = ["--resume"] if (folder / "run.json").exists() else []
            process = forks.start(*command, str(folder), *again)
            time.sleep(chance.uniform(0, takes))
            with suppress(ProcessLookupError):  # it may be done
                os.kill(process, signal.SIGKILL)
            code = forks.wait()
            if code == -signal.SIGKILL:
                kills += 1
                broken += unreadable(folder)
                continue
            if code:
                broken.append(forks.told.read_text())
            finished += 1
            equal += content(folder) == content(Path("whole"))
        forks.close()
    rows = [
        ("kills", str(kills)),
        ("files that could not be opened after one", str(len(broken))),
        ("runs that ended in spite of them", str(finished)),
        ("of these equal to the run without a kill, to the byte", str(equal)),
    ]
    print(markdown(("kill -9 at random moments", ""), rows))
    for line in broken:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
