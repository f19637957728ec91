"""Measure what the tests cost, folder by folder. Run by hand, on Linux:

    suite_costs.py [FOLDER_OR_TEST …]

Runs pytest on each argument, by default on every folder of `tests`, one after another in a process of its
own. Prints Markdown: the seconds of the wall clock, the processor seconds, child processes included, the peak
memory of the largest process, and how pytest ended. A worker of `pytest -n 2` runs tests of all folders, and
may hold somewhat more.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from s2f_cli.cli.console import markdown

TESTS = Path(__file__).parents[1]
NOT_TESTS = {"benchmarks", "fixtures", "fuzz"}


def measure(argument: str) -> tuple[str, ...]:
    """Run the tests of a folder: a row of the table."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "--tb=no", argument], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    lines = [line.strip() for line in process.stdout if line.strip()]
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    return argument, f"{time.perf_counter() - start:.0f}", f"{seconds:.0f}", f"{peak:.2f}", lines[-1]


def main() -> None:
    """Run the benchmark."""
    folders = sorted(path for path in TESTS.iterdir() if path.is_dir() and path.name not in NOT_TESTS)
    arguments = sys.argv[1:] or [os.path.relpath(path) for path in folders if any(path.rglob("test_*.py"))]
    rows = []
    for argument in arguments:
        rows.append(measure(argument))
        print(*rows[-1], file=sys.stderr, flush=True)
    print(markdown(("tests", "s", "processor s", "peak GB", "pytest"), rows))


if __name__ == "__main__":
    main()
