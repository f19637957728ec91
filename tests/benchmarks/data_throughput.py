"""`s2f prepare` and `s2f align` beside what the machine can do at all.

Run by hand: data_throughput.py FOLDER [COUNT]

The limit of `prepare --size 128` is decode, resize and encode in a bare loop; that of `align` is detection
and landmarks in a bare loop. Each is timed in processor seconds (other work on the machine counts for
nothing) with one worker, and in images a second by the clock with one worker and with two.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from s2f_cli import aligning, console, images
from s2f_cli.preparation import Preparation, Settings
from s2f_cli.sources.folders import Folders
from s2f_cli.workers import each


def bare_resize(files: list[Path]) -> None:
    """Decode, resize, encode, write."""
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            image = images.fit(images.read(file), 128, "crop")
            (Path(folder) / f"{file.stem}.png").write_bytes(images.encode(image))


def prepare(folder: Path, workers: int) -> None:
    """The same through `s2f prepare folders --size 128`."""
    with tempfile.TemporaryDirectory() as output:
        work = Preparation(Folders(folder), Path(output) / "data", Settings(size=128))
        work.plan()
        for _ in work.run(workers):
            pass
        work.finish()


def bare_detection(files: list[Path]) -> None:
    """Decode, find faces and landmarks."""
    finder = aligning._aligner("dlib")
    for file in files:
        finder.find(images.read(file))


def align(files: list[Path], workers: int) -> None:
    """The same through `s2f align`."""
    with tempfile.TemporaryDirectory() as output:
        jobs = [aligning.Job(file, Path(output) / f"{file.stem}.png") for file in files]
        for _ in each(partial(aligning.align_file, aligning.Settings()), jobs, workers):
            pass


def cost(run: Callable[[], None]) -> tuple[float, float]:
    """Processor seconds of this process, and seconds by the clock."""
    before = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - before[0], time.perf_counter() - before[1]


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for found in images.find_images(Path(sys.argv[1]))[:count]:
            shutil.copy(found, folder / found.name)
        files = images.find_images(folder)
        bare_detection(files[:2])
        rows = []
        for name, bare, whole in (
            ("prepare --size 128", partial(bare_resize, files), partial(prepare, folder)),
            ("align", partial(bare_detection, files), partial(align, files)),
        ):
            limit, one, two = cost(bare), cost(partial(whole, 1)), cost(partial(whole, 2))
            rates = [
                f"{len(files) / seconds:.0f}" for seconds in (limit[0], one[0], limit[1], one[1], two[1])
            ]
            rows.append([name, *rates[:2], f"{limit[0] / one[0]:.0%}", *rates[2:]])
    columns = ["", "limit a CPU second", "s2f", "of the limit", "limit by the clock", "1 worker", "2 workers"]
    console.out.print(console.markdown(columns, rows), markup=False)
