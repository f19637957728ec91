"""List the packages that a command of s2f imports, and their cost. Run by hand, on Linux:

    imports.py [COMMAND …]

By default the command translates a crop of 256×256 with a shipped model. Prints Markdown: modules and
milliseconds of each package, as Python's `-X importtime` reports them (of the wall clock, and more than
without it), then the processor seconds of a process that imports the same modules and does nothing else,
beside an empty Python.
"""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from PIL import Image
from skimage import data

from s2f_cli.cli.console import markdown

ROUNDS = 5
DEARER = 3.0
"""Milliseconds from which a package has a row of its own."""
AGAIN = """
import sys
for name in sys.argv[1:]:
    try:
        __import__(name)
    except ImportError:  # made by its package, not by an import
        pass
"""


def imported(command: list[str]) -> dict[str, float]:
    """The modules that a command of s2f imports, in their order, with their milliseconds."""
    words = [sys.executable, "-X", "importtime", "-m", "s2f_cli", *command]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.splitlines()[-1])
    rows = (line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {
        name.strip(): int(own.split(":")[1]) / 1000
        for own, _, name in rows
        if own.split(":")[1].strip().isdigit()
    }


def seconds(*arguments: str) -> float:
    """The processor seconds of Python with these arguments: the least of the rounds."""
    costs = []
    for _ in range(ROUNDS):
        process = subprocess.Popen([sys.executable, *arguments])
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        costs.append(used.ru_utime + used.ru_stime)
    return min(costs)


def main() -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        crop = Path(folder, "crop.png")
        Image.fromarray(data.astronaut()).crop((64, 0, 448, 384)).resize((256, 256)).save(crop)
        words = ["translate", "--to", "sketch", str(crop), "--no-align", "--device", "cpu"]
        modules = imported(sys.argv[1:] or [*words, "--model", "face-to-sketch"])
    packages = defaultdict[str, list[float]](list)
    for name, cost in modules.items():
        top = name.partition(".")[0]
        packages["Python" if top in sys.stdlib_module_names else top].append(cost)
    rows = sorted(packages.items(), key=lambda row: -sum(row[1]))
    small = [cost for _, costs in rows for cost in costs if sum(costs) < DEARER]
    shown = [row for row in rows if sum(row[1]) >= DEARER] + [("others", small)]
    shown.append(("all", list(modules.values())))
    print(markdown(("package", "modules", "ms"), [(n, str(len(c)), f"{sum(c):.0f}") for n, c in shown]))
    names = [name for name in modules if "__main__" not in name]
    print(f"importing them takes {seconds('-c', AGAIN, *names):.2f} processor seconds, ", end="")
    print(f"an empty Python {seconds('-c', 'pass'):.2f}")


if __name__ == "__main__":
    main()
