"""Time `s2f --help`, compared with an empty Python. Run by hand: python tests/benchmarks/help_startup.py"""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
LIMIT = 0.25
"""Maximum median of the help, in seconds."""


def seconds(*arguments: str) -> list[float]:
    """Time Python with these arguments once per round; the first, cold run is left out."""
    durations = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        durations.append(time.perf_counter() - start)
    return durations[1:]


def main() -> None:
    """Print median and minimum of each command; exit 1 if the median of the help exceeds the limit."""
    commands = {
        "python -c pass": ["-c", "pass"],
        "s2f --help": ["-m", "s2f_cli", "--help"],
        "s2f train --help": ["-m", "s2f_cli", "train", "--help"],
    }
    times = {name: seconds(*arguments) for name, arguments in commands.items()}
    for name, durations in times.items():
        print(f"{name:18} median {statistics.median(durations):.3f} s, minimum {min(durations):.3f} s")
    sys.exit(statistics.median(times["s2f --help"]) > LIMIT)


if __name__ == "__main__":
    main()
