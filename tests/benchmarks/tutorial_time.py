"""Time the commands of the tutorial one by one, up to a trained and evaluated model.

Run by hand, in an empty folder: tutorial_time.py [COMMANDS]

COMMANDS is the number of commands to run; the default of 9 ends with the evaluation.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"


def main(count: int = 9) -> None:
    """Run the commands."""
    begin = time.perf_counter()
    for line in re.findall(r"^ {4}s2f (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[:count]:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "s2f_cli", *line.split()], check=True, capture_output=True)
        print(f"{time.perf_counter() - start:6.1f} s  s2f {line}", flush=True)
    print(f"{time.perf_counter() - begin:6.1f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
