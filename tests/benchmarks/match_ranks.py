"""How well `s2f match` ranks; run by hand: match_ranks.py DATA … [--distractors FOLDER …].

DATA are prepared data sets of pairs. The gallery is the photos of a split, alone and with the photos of all
distractor folders; each sketch of the split is searched in it. A sketch or photo in which no face is found is
a miss at every rank. Prints Markdown: the shares of sketches whose photo is among the first 1, 5 and 10, with
95 % bootstrap intervals, by both parts of the rows and by each alone, and then the CMC curve. Indexes are
kept in the folder --cache, so that an interrupted run continues.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import numpy.typing as npt

from s2f_cli.cli import console
from s2f_cli.core import images
from s2f_cli.core.errors import ImageError
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation.intervals import bootstrap
from s2f_cli.matching import describe, indexing, projection
from s2f_cli.matching.index import Entry, Index, Stamp, load

Array = npt.NDArray[np.float32]
STROKES = projection.WIDTH - 128
PARTS = {"both": slice(None), "strokes": slice(STROKES), "embedding": slice(STROKES, None)}
RANKS = (1, 2, 3, 5, 10, 20, 50, 100)


def gallery(folder: Path, file: Path, workers: int) -> Index:
    """The index of a folder of photos."""
    left_out = indexing.update(folder, file, workers).left_out
    console.say(f"{folder}: {len(left_out)} photos without a face")
    index = load(file, describe.FEATURES)
    assert index is not None
    return index


def sketches(files: list[Path], file: Path) -> dict[str, Array | None]:
    """The row of each sketch, by name; None if it shows no face."""
    known = load(file, describe.FEATURES)
    entries = known.entries() if known else {}
    for number, sketch in enumerate(files, start=1):
        if sketch.name not in entries:
            try:
                row = describe.sketch(images.read(sketch)).row
                entries[sketch.name] = Entry(Stamp.of(sketch), ((0, 0, 0, 0),), row[None])
            except ImageError as problem:
                entries[sketch.name] = Entry(Stamp.of(sketch), reason=problem.message)
            if number % 50 == 0 or number == len(files):
                Index.of(entries, projection.WIDTH).save(file, describe.FEATURES)
    found = {sketch.name: entries[sketch.name].rows for sketch in files}
    return {name: rows[0] if rows is not None and len(rows) else None for name, rows in found.items()}


def ranks(rows: dict[str, Array | None], index: Index, others: list[Index], part: slice) -> Array:
    """The rank of the photo of each sketch, from 1; infinite for a miss."""
    found = []
    starts = [np.unique(one.photos, return_index=True) for one in (index, *others)]
    for name, row in sorted(rows.items()):
        if row is None or name not in index.names:
            found.append(np.inf)
            continue
        best = [
            np.maximum.reduceat(one.rows[:, part] @ row[part], firsts)
            for one, (_, firsts) in zip((index, *others), starts, strict=True)
        ]
        own = np.flatnonzero(starts[0][0] == index.names.index(name))
        found.append(1 + (np.concatenate(best) > best[0][own[0]]).sum() if len(own) else np.inf)
    return np.array(found, np.float32)


def share(hits: npt.NDArray[np.bool_]) -> str:
    """A share in percent, with its interval."""
    low, high = bootstrap(hits.astype(np.float64)) or (0.0, 0.0)
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%})".replace("%", " %")


def main() -> None:
    """Score, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--distractors", nargs="*", type=Path, default=[])
    parser.add_argument("--sketches", type=int, help="search this many sketches of each set, drawn at random")
    parser.add_argument("--cache", type=Path, default=Path("match-cache"))
    parser.add_argument("--workers", type=int, default=0, help="processes that index photos; 0: one per core")
    options = parser.parse_args()
    lines, curves = [], []
    for data in options.data:
        manifest = Manifest.read(data)
        pairs = manifest.pairs(options.split)
        folder = manifest.path(pairs[0], "face").parent
        stem = f"{data.name}-{options.split}"
        index = gallery(folder, options.cache / f"{stem}-photos", options.workers)
        drawn = sorted(manifest.path(pair, "sketch") for pair in pairs)
        if options.sketches:
            drawn = random.Random(0).sample(drawn, min(options.sketches, len(drawn)))
        rows = sketches(drawn, options.cache / f"{stem}-sketches")
        others = [
            gallery(other, options.cache / f"{'-'.join(other.parts[-3:])}-photos", options.workers)
            for other in options.distractors
        ]
        for distractors in ([], others) if others else ([],):
            size = str(len(index.names) + sum(len(other.names) for other in distractors))
            for name, part in PARTS.items():
                place = ranks(rows, index, distractors, part)
                lines.append((data.name, size, name, *(share(place <= top) for top in (1, 5, 10))))
                if name == "both":
                    curves.append((data.name, size, *(f"{np.mean(place <= top):.3f}" for top in RANKS)))
    console.out.print(
        console.markdown(("data", "photos", "rows", "rank 1", "rank 5", "rank 10"), lines), markup=False
    )
    console.out.print()
    console.out.print(console.markdown(("data", "photos", *map(str, RANKS)), curves), markup=False)


if __name__ == "__main__":
    main()
