"""Throughput of `s2f prepare` and `s2f align`, compared with the limit of the machine.

Run by hand: data_throughput.py FOLDER [COUNT] [prepare|align]

The limit of `prepare --size 128` is decode, resize and encode with Pillow alone, writing nothing; that of
`align` is decode, detection and landmarks alone. Each runs in as many bare processes as the command has
workers, on equal shares of the files, timed once all are ready. The commands run as a user runs them, on FEW
and on all of the files; the difference gives the rate, and the remainder is the start-up. Every time is the
best of ROUNDS.
"""

import io
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

from PIL import Image, ImageOps

from s2f_cli.cli import console
from s2f_cli.core import image_folder, parallel
from s2f_cli.faces import align

FEW = int(os.environ.get("FEW", "64"))
ROUNDS = int(os.environ.get("ROUNDS", "2"))


def resize(file: Path) -> None:
    """Decode, resize, encode."""
    with Image.open(file) as photo:
        small = ImageOps.fit(photo, (128, 128), Image.Resampling.BICUBIC)
    small.save(io.BytesIO(), "PNG", compress_level=1, compress_type=3)


def detect(file: Path) -> None:
    """Decode, find faces and landmarks."""
    with Image.open(file) as photo:
        align._aligner("dlib").find(photo)


WORK: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "prepare": (resize, ["prepare", "folders", "--size", "128", "--faces"]),
    "align": (detect, ["align"]),
}


@dataclass(frozen=True)
class Cost:
    """Elapsed seconds, and processor seconds."""

    clock: float
    processor: float


def bare(function: Callable[[Path], None], files: list[Path], ready: Barrier, done: Barrier) -> None:
    """One bare process: warm up, wait for the others, work, and wait for them to finish."""
    function(files[0])
    ready.wait()
    for file in files:
        function(file)
    done.wait()


def limit(function: Callable[[Path], None], files: list[Path], processes: int) -> Cost:
    """The cost of the files in bare processes, without their start-up."""
    context = multiprocessing.get_context("fork")
    ready, done = context.Barrier(processes + 1), context.Barrier(processes + 1)
    function(files[0])
    team = [
        context.Process(target=bare, args=(function, files[first::processes], ready, done))
        for first in range(processes)
    ]
    for member in team:
        member.start()
    ready.wait()
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done.wait()
    clock = time.perf_counter() - start
    for member in team:
        member.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def command(words: list[str], folder: Path, processes: int) -> Cost:
    """The cost of the command on a folder, from its start to its end."""
    with tempfile.TemporaryDirectory() as output:
        line = [sys.executable, "-m", "s2f_cli", *words, str(folder), "--workers", str(processes)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run([*line, "--output", f"{output}/out"], capture_output=True)
        clock = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def best(costs: list[Cost]) -> Cost:
    """The lowest of several measurements of the same work."""
    return Cost(min(cost.clock for cost in costs), min(cost.processor for cost in costs))


def row(name: str, few: Path, many: Path, processes: int) -> list[str]:
    """One row of the table."""
    function, words = WORK[name]
    files = image_folder.find(many).files
    rounds = [
        (limit(function, files, processes), command(words, few, processes), command(words, many, processes))
        for _ in range(ROUNDS)
    ]
    floor, short, whole = (best([costs[part] for costs in rounds]) for part in range(3))
    more = len(files) - FEW
    rate, most = more / (whole.clock - short.clock), len(files) / floor.clock
    each, least = (whole.processor - short.processor) / more, floor.processor / len(files)
    start = short.clock - FEW / rate
    return [
        f"{name}, {processes} worker{'s' if processes > 1 else ''}",
        f"{most:.0f}",
        f"{rate:.0f}",
        f"{rate / most:.0%}",
        f"{1000 * least:.2f}",
        f"{1000 * each:.2f}",
        f"{least / each:.0%}",
        f"{start:.1f} s",
    ]


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    names = sys.argv[3:] or list(WORK)
    with tempfile.TemporaryDirectory() as temporary:
        few, many = Path(temporary) / "few", Path(temporary) / "many"
        for folder, size in ((few, FEW), (many, count)):
            folder.mkdir()
            for file in image_folder.find(Path(sys.argv[1])).files[:size]:
                shutil.copy(file, folder / file.name)
        rows = [row(name, few, many, n) for name in names for n in sorted({1, parallel.cores()})]
    columns = ["", "limit, images/s", "s2f", "share", "limit, CPU ms per image", "s2f", "share", "start-up"]
    console.out.print(console.markdown(columns, rows), markup=False)
