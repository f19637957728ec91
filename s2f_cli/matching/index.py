"""The index of a gallery: one file with a row of numbers for each face of each photo.

The file has the format safetensors, so that nothing in it can run code and 100 000 faces load at once.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import safetensors
from safetensors.numpy import save_file

from s2f_cli.core.errors import DataError
from s2f_cli.core.files import atomic_file

NAME = "match-index.safetensors"
"""The file in the folder of the gallery."""
_FORMAT = "s2f match index 1"

Box = tuple[float, float, float, float]


class Stamp(NamedTuple):
    """By what a changed file is known: its size in bytes, and when it was modified, in nanoseconds."""

    size: int
    modified: int

    @classmethod
    def of(cls, file: Path) -> "Stamp":
        """The stamp of a file; raises OSError if there is none."""
        status = file.stat()
        return cls(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class Entry:
    """What an index knows of a photo."""

    stamp: Stamp
    boxes: tuple[Box, ...] = ()
    """Left, top, right and bottom of each face, in pixels of the upright photo."""
    rows: npt.NDArray[np.float32] | None = None
    """The row of each face, (faces, D); None without a face."""
    reason: str = ""
    """Why the photo has no face in the index."""


@dataclass(frozen=True)
class Index:
    """The rows of all faces of a gallery (M, D), and the photo of each."""

    names: list[str]
    """The photos, relative to the gallery, with forward slashes."""
    stamps: npt.NDArray[np.int64]
    """Size and time of each photo, (N, 2)."""
    reasons: list[str]
    """Why a photo has no face, or an empty string."""
    photos: npt.NDArray[np.int64]
    """The number of the photo of each face, (M,), in rising order."""
    boxes: npt.NDArray[np.float32]
    """(M, 4)."""
    rows: npt.NDArray[np.float32]
    """(M, D)."""

    @classmethod
    def of(cls, entries: Mapping[str, Entry], width: int) -> "Index":
        """The index of photos by name, with rows of `width` numbers."""
        names = sorted(entries)
        chosen = [entries[name] for name in names]
        rows = [entry.rows for entry in chosen if entry.rows is not None]
        counts = [len(entry.boxes) for entry in chosen]
        return cls(
            names,
            np.array([entry.stamp for entry in chosen], np.int64).reshape(-1, 2),
            [entry.reason for entry in chosen],
            np.repeat(np.arange(len(names)), counts),
            np.array([box for entry in chosen for box in entry.boxes], np.float32).reshape(-1, 4),
            np.concatenate([np.zeros((0, width), np.float32), *rows]).astype(np.float32),
        )

    def entries(self) -> dict[str, Entry]:
        """What it knows of each photo, by name."""
        starts = np.searchsorted(self.photos, np.arange(len(self.names) + 1)).tolist()
        stamps, boxes = self.stamps.tolist(), self.boxes.tolist()
        return {
            name: Entry(
                Stamp(*stamps[number]),
                tuple(tuple(box) for box in boxes[starts[number] : starts[number + 1]]),
                self.rows[starts[number] : starts[number + 1]],
                self.reasons[number],
            )
            for number, name in enumerate(self.names)
        }

    def save(self, file: Path, features: str) -> None:
        """Write the index; `features` names what the rows are. Raises S2FError if it cannot be written."""
        tensors: dict[str, npt.NDArray[Any]] = {
            "features": _packed([features]),
            "names": _packed(self.names),
            "stamps": self.stamps,
            "reasons": _packed(self.reasons),
            "photos": self.photos,
            "boxes": self.boxes,
            "rows": self.rows,
        }
        with atomic_file(file) as temporary:
            save_file(tensors, temporary, {"format": _FORMAT})  # the order of several keys is random


def load(file: Path, features: str) -> Index | None:
    """Read an index; None if there is none, or its rows are other features.

    Raises DataError for a file that is no index, or a damaged one.
    """
    if not file.is_file():
        return None
    try:
        with safetensors.safe_open(file, "np") as stored:
            metadata = stored.metadata() or {}
            if metadata.get("format") != _FORMAT:
                raise DataError(f"{file} is not an index of s2f", "name another file with --index")
            named = _unpacked(stored.get_tensor("features")) if "features" in set(stored.keys()) else []
            if named != [features]:
                return None
            index = Index(
                _unpacked(stored.get_tensor("names")),
                stored.get_tensor("stamps"),
                _unpacked(stored.get_tensor("reasons")),
                stored.get_tensor("photos"),
                stored.get_tensor("boxes"),
                stored.get_tensor("rows"),
            )
    except (OSError, safetensors.SafetensorError, ValueError) as problem:
        raise DataError(f"{file} is damaged: {problem}", "delete it, and index the gallery again") from None
    if not _fits(index):
        raise DataError(f"{file} is damaged: its parts do not fit", "delete it, and index the gallery again")
    return index


def _fits(index: Index) -> bool:
    count, faces = len(index.names), len(index.rows)
    return (
        index.stamps.shape == (count, 2)
        and len(index.reasons) == count
        and index.photos.shape == (faces,)
        and index.boxes.shape == (faces, 4)
        and index.rows.ndim == 2
        and bool(np.all(np.diff(index.photos, prepend=0, append=count) >= 0))
    )


def _packed(texts: list[str]) -> npt.NDArray[np.uint8]:
    """Texts, which may hold undecodable bytes of file names, as the bytes of all, each ended by a zero."""
    return np.frombuffer(b"".join(os.fsencode(text) + b"\0" for text in texts), np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8]) -> list[str]:
    return [os.fsdecode(text) for text in packed.tobytes().split(b"\0")[:-1]]
