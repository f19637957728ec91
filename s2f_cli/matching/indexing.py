"""Bring the index of a gallery up to date: only new and changed photos are read."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from s2f_cli.core import image_folder, images
from s2f_cli.core.parallel import Engine, parallel_map
from s2f_cli.matching import describe, projection
from s2f_cli.matching.index import NAME, Entry, Index, Stamp, load

_SAVE_EVERY = 60.0
"""Seconds after which an unfinished index is saved, so that an interrupted one continues."""


@dataclass(frozen=True)
class Update:
    """What `update` did."""

    file: Path
    photos: int
    faces: int
    read: int
    """New and changed photos."""
    removed: int
    """Photos of the old index that are gone."""
    left_out: dict[str, str]
    """Photos without a face in the index, and files that cannot be used, with the reason."""


def default_file(gallery: Path) -> Path:
    """The index file of a gallery if none is named."""
    return gallery / NAME


def update(
    gallery: Path,
    file: Path | None = None,
    workers: int = 0,
    engine: Engine = "local",
    on_progress: Callable[[int, int], None] | None = None,
) -> Update:
    """Index the photos below a folder, all faces of each; an interrupted call continues where it was.

    `file` is the index, in the folder by default. `on_progress` is called with the number of photos read and
    of all to read. A photo is read again if its size or time has changed.

    Raises ImageError if the folder does not exist or holds no image, MissingPart without dlib, DataError if
    `file` is no index or damaged, S2FError if it cannot be written.
    """
    target = file or default_file(gallery)
    found = image_folder.find(gallery)
    old = load(target, describe.FEATURES)
    known = old.entries() if old else {}
    entries: dict[str, Entry] = {}
    waiting: list[tuple[str, Stamp]] = []
    for path in found.files:
        name = path.relative_to(gallery).as_posix()
        with suppress(OSError):  # a file that went away since the folder was listed
            stamp = Stamp.of(path)
            if name in known and known[name].stamp == stamp:
                entries[name] = known[name]
            else:
                waiting.append((name, stamp))
    removed = len(known.keys() - {path.relative_to(gallery).as_posix() for path in found.files})
    if waiting or removed or old is None:
        _read(gallery, target, entries, waiting, workers, engine, on_progress)
    index = Index.of(entries, projection.WIDTH)
    left_out = {str(gallery / name): entry.reason for name, entry in entries.items() if entry.reason}
    return Update(
        target,
        len(index.names),
        len(index.rows),
        len(waiting),
        removed,
        dict(sorted((found.left_out | left_out).items())),
    )


def _read(
    gallery: Path,
    target: Path,
    entries: dict[str, Entry],
    waiting: list[tuple[str, Stamp]],
    workers: int,
    engine: Engine,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Read photos into `entries`, and save the index now and then, and at the end in any case."""
    saved = time.monotonic()
    try:
        items = (name for name, _ in waiting)
        outcomes = parallel_map(partial(describe_file, gallery), items, workers, engine)
        for number, ((name, stamp), outcome) in enumerate(zip(waiting, outcomes, strict=True), start=1):
            faces = outcome.result or []
            rows = np.stack([face.row for face in faces]) if faces else None
            entries[name] = Entry(stamp, tuple(face.box for face in faces), rows, outcome.reason)
            if on_progress:
                on_progress(number, len(waiting))
            if time.monotonic() - saved > _SAVE_EVERY:
                Index.of(entries, projection.WIDTH).save(target, describe.FEATURES)
                saved = time.monotonic()
    finally:
        Index.of(entries, projection.WIDTH).save(target, describe.FEATURES)


def describe_file(gallery: Path, name: str) -> list[describe.PhotoFace]:
    """The faces of a photo of a gallery; raises ImageError if it cannot be read or shows none."""
    return describe.photo(images.read(gallery / name))
