"""Cost of each part of the work on an image in `s2f prepare --size 128` and in `s2f align`.

Run by hand: data_parts.py FOLDER [COUNT]. Prints milliseconds of processor time per image, the best of
ROUNDS.
"""

import hashlib
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.cli import console
from s2f_cli.core import image_folder, images
from s2f_cli.core.files import atomic_write
from s2f_cli.data.preparation import PrepareSettings, render_item
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.source import Item
from s2f_cli.faces import align, geometry

ROUNDS = 3


def cost(work: Callable[[Any], object], items: Sequence[Any]) -> str:
    """Milliseconds of processor time per item."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for item in items:
            work(item)
        seconds.append((time.process_time() - start) / len(items))
    return f"{1000 * min(seconds):.2f}"


def rows(files: list[Path], output: Path) -> list[list[str]]:
    """The table."""
    photos = [images.read(file) for file in files]
    small = [images.fit(image, 128, "crop") for image in photos]
    encoded = [images.encode(image) for image in small]
    jobs = [render_item.RenderJob(Item(f.stem, {"face": f}, identity=f.stem), "train") for f in files]
    number = itertools.count()
    files_to_write = (output / f"{n}.png" for n in number)
    rendered = [render_item.render(PrepareSettings(size=128), output, job) for job in jobs]
    ledger = Ledger(output / "ledger", "key")
    finder = align._aligner("dlib")
    aligned = [(image, faces[0]) for image in photos if (faces := finder.find(image))]
    goal = geometry.preset("report-b")
    transforms = [(image, geometry.transform_of(face, goal)) for image, face in aligned]
    return [
        ["decode", cost(images.read, files)],
        ["resize to 128", cost(lambda image: images.fit(image, 128, "crop"), photos)],
        ["encode 128×128", cost(images.encode, small)],
        ["write the file", cost(lambda d: next(files_to_write).write_bytes(d), encoded)],
        ["thumbnail", cost(render_item.thumbnail, small)],
        ["hash", cost(lambda data: hashlib.sha256(data).hexdigest(), encoded)],
        [
            "prepare: all work on an image",
            cost(
                lambda j: render_item.render(
                    PrepareSettings(size=128), output / str(next(number) // len(jobs)), j
                ),
                jobs,
            ),
        ],
        ["record it in the ledger", cost(lambda item: ledger.record(str(next(number)), item, ""), rendered)],
        ["find the face and its landmarks", cost(finder.find, photos)],
        ["rotate and scale the face", cost(lambda pair: geometry.warp(*pair), transforms)],
        [
            "write a file atomically",
            cost(lambda d: atomic_write(output / f"{next(number)}.png", d, False), encoded),
        ],
    ]


if __name__ == "__main__":
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as temporary:
        table = rows(image_folder.find(Path(sys.argv[1])).files[:count], Path(temporary))
    console.out.print(console.markdown(["part", "CPU ms per image"], table), markup=False)
