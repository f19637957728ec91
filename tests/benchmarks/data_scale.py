"""Memory and time of `s2f prepare` for many images, and how soon it resumes after a kill.

Run by hand: data_scale.py COUNT …

The images are COUNT random blots of 28×28 pixels in one .npy file, as in Quick, Draw!. Prints the peak
memory of the largest process and the seconds of the whole command. Then kills the command (kill -9) when half
is done, and prints the seconds until the same preparation renders its next image, and whether the result is
equal.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from s2f_cli.cli import console
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.preparation import prepare
from s2f_cli.data.sources.quickdraw import Quickdraw


def blots(count: int, file: Path) -> None:
    """Write `count` different images."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (count, 7, 7), dtype=np.uint8)
    drawn = np.lib.format.open_memmap(file, "w+", np.uint8, (count, 784))
    for number, levels in enumerate(coarse):
        drawn[number] = np.asarray(Image.fromarray(levels).resize((28, 28))).ravel()
    drawn.flush()


class FirstItem(Exception):
    """Ends a preparation at its first new item."""

    def __init__(self, done: int) -> None:
        self.done = done


def stop_at_first(done: int, total: int) -> None:
    """A progress callback."""
    if done:
        raise FirstItem(done)


def start(file: Path, output: Path) -> "subprocess.Popen[bytes]":
    """Start the command."""
    line = [sys.executable, "-m", "s2f_cli", "prepare", "quickdraw", str(file), "--output", str(output)]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def whole(file: Path, output: Path) -> tuple[float, float]:
    """Peak megabytes of the largest process, and seconds."""
    started = time.perf_counter()
    process = start(file, output)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024, time.perf_counter() - started


def again(file: Path, output: Path, count: int) -> tuple[int, float]:
    """The number of images rendered before a kill, and the seconds until the next one after it."""
    unfinished = output.parent / f".{output.name}.preparing" / "set"
    process = start(file, output)
    while sum(len(list(folder.iterdir())) for folder in unfinished.glob("*/*/")) < count / 2:
        time.sleep(0.01 + count / 1e6)
    process.send_signal(signal.SIGKILL)
    process.wait()
    started = time.perf_counter()
    try:
        prepare(Quickdraw(file), output, workers=1, on_progress=stop_at_first)
    except FirstItem as first:
        return first.done - 1, time.perf_counter() - started
    raise AssertionError("nothing was left to prepare")


def row(count: int) -> list[str]:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # In its own process: the memory of a parent counts as that of the commands it starts.
        drawing = multiprocessing.Process(target=blots, args=(count, folder / "face.npy"))
        drawing.start()
        drawing.join()
        memory, seconds = whole(folder / "face.npy", folder / "whole")
        console.say(f"{count}: {memory:.0f} MB, {seconds:.1f} s")
        rendered, wait = again(folder / "face.npy", folder / "killed", count)
        assert start(folder / "face.npy", folder / "killed").wait() == 0
        same = Manifest.read(folder / "killed").digest() == Manifest.read(folder / "whole").digest()
    cells = [
        f"{count}",
        f"{memory:.0f} MB",
        f"{seconds:.1f} s",
        f"{rendered}",
        f"{wait:.1f} s",
        "yes" if same else "no",
    ]
    console.say(" ".join(cells))
    return cells


if __name__ == "__main__":
    rows = [row(int(count)) for count in sys.argv[1:]]
    columns = ["images", "peak memory", "whole", "done before the kill", "resumes after", "equal result"]
    console.out.print(console.markdown(columns, rows), markup=False)
