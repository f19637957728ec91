"""Kill trainings at random moments and check their files. Run by hand:

    python tests/benchmarks/kill_loop.py [--kills 40] [--steps 60] [--seed 0]

Starts a run, kills it by SIGKILL after a random time and resumes it, until it finishes; then starts the next.
Opens all of its files after each kill. A finished run is compared with one that was never killed. Prints
the table of `docs/performance.md`.
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
RECIPE = str(TESTS / "fixtures/tiny.toml")
sys.path.insert(0, str(TESTS / "end_to_end/resume"))

from test_resume import Forks, content  # noqa: E402

from s2f_cli.cli.console import markdown  # noqa: E402
from s2f_cli.core.errors import S2FError  # noqa: E402
from s2f_cli.models import bundle  # noqa: E402
from s2f_cli.training.curves import Curves  # noqa: E402
from s2f_cli.training.run_folder import Run  # noqa: E402


def unreadable(folder: Path) -> list[str]:
    """Why files of a killed run cannot be opened; empty if all can."""
    if not (folder / "run.json").exists():
        return []
    run = Run.open(folder)
    checks = {
        "state.pt": run.load,
        "log.jsonl": lambda: Curves.of(folder),
        "model.safetensors": lambda: bundle.load(run.bundle),
    }
    problems = []
    for name, check in checks.items():
        if (folder / name).exists():
            try:
                check()
            except S2FError as problem:
                problems.append(problem.message)
    return problems


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("kills", 40), ("steps", 60), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        forks = Forks()
        if forks.run("prepare", "demo", "--output", "data", "--count", "8"):
            sys.exit(forks.output.read_text())
        command = ["train", RECIPE, "--data", "data", "--device", "cpu", "--steps", str(options.steps)]
        command += ["--save-every", "3", "--sample-every", "7", "--keep-every", "20", "--output"]
        start = time.monotonic()
        if forks.run(*command, "whole"):
            sys.exit(forks.output.read_text())
        duration = time.monotonic() - start
        kills = finished = equal = 0
        problems: list[str] = []
        while kills < options.kills:
            folder = Path(f"run-{finished}")
            resume = ["--resume"] if (folder / "run.json").exists() else []
            process = forks.start(*command, str(folder), *resume)
            time.sleep(rng.uniform(0, duration))
            with suppress(ProcessLookupError):  # it may have ended
                os.kill(process, signal.SIGKILL)
            code = forks.wait()
            if code == -signal.SIGKILL:
                kills += 1
                problems += unreadable(folder)
                continue
            if code:
                problems.append(forks.output.read_text())
            finished += 1
            equal += content(folder) == content(Path("whole"))
        forks.close()
    rows = [
        ("kills", str(kills)),
        ("files that could not be opened after a kill", str(len(problems))),
        ("runs finished in spite of kills", str(finished)),
        ("of these, byte-equal to the run without a kill", str(equal)),
    ]
    print(markdown(("kill -9 at random moments", ""), rows))
    for problem in problems:
        print(problem, file=sys.stderr)


if __name__ == "__main__":
    main()
