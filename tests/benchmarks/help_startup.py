"""How long `s2f --help` takes, beside an empty Python: `python tests/benchmarks/help_startup.py`, by hand."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
LIMIT = 0.25
"""Seconds that the help may take."""


def seconds(*arguments: str) -> list[float]:
    """How long a Python with these arguments takes, once for each round; the first, cold one is left out."""
    taken = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        taken.append(time.perf_counter() - start)
    return taken[1:]


def main() -> None:
    """Print median and least of each command; exit 1 when the median of the help is over the limit."""
    commands = {
        "python -c pass": ["-c", "pass"],
        "s2f --help": ["-m", "s2f_cli", "--help"],
        "s2f train --help": ["-m", "s2f_cli", "train", "--help"],
    }
    found = {name: seconds(*arguments) for name, arguments in commands.items()}
    for name, taken in found.items():
        print(f"{name:18} median {statistics.median(taken):.3f} s, least {min(taken):.3f} s")
    sys.exit(statistics.median(found["s2f --help"]) > LIMIT)


if __name__ == "__main__":
    main()
