"""Faces found in an image and aligned: which of them, how, and a record of each that can be undone."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from s2f_cli.core import images, registry
from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_file, atomic_write, write_left_out
from s2f_cli.faces.geometry import Face, Transform, preset, transform_of, warp
from s2f_cli.faces.manual_eyes import Eyes, by_hand

Choice = Literal["largest", "best", "all"]
"""Which face of a picture with several: the largest, the surest, or all of them."""


@dataclass(frozen=True)
class AlignSettings:
    """How faces are aligned; raises DataError for a preset or width that does not exist."""

    preset: str = "report-b"
    width: int | None = None
    faces: Choice = "largest"
    min_eyes: float = 20.0
    """In pixels of the photo, between the outer corners (report B's code skips faces below 20)."""
    aligner: str = "dlib"

    def __post_init__(self) -> None:
        preset(self.preset, self.width)


@dataclass(frozen=True)
class Aligned:
    """An aligned face, and how it was taken from its photo."""

    image: Image.Image
    face: Face
    transform: Transform

    def record(self) -> dict[str, Any]:
        """Landmarks, box, confidence and transform as plain values for JSON."""
        return {**vars(self.face), **vars(self.transform)}


def align(image: Image.Image, settings: AlignSettings, eyes: Eyes | None = None) -> list[Aligned]:
    """The aligned faces of an image: one, or all of them, the largest or surest first.

    `eyes` are the middles of the left and right eye, given by hand; then nothing is searched for.

    Raises ImageError when there is no face, or when the eyes of all are closer than `min_eyes`.
    """
    found = [by_hand(*eyes)] if eyes else _aligner(settings.aligner).find(image)
    if not found:
        raise ImageError("no face was found in it", "give its eyes with --eyes, or leave it out")
    wide = [face for face in found if eyes or _apart(face) >= settings.min_eyes]
    if not wide:
        raise ImageError(
            f"its eyes are only {max(map(_apart, found)):.0f} pixels apart",
            "allow it with a lower --min-eyes",
        )
    if settings.faces == "largest":
        wide.sort(key=lambda face: face.box[0] - face.box[2])
    goal = preset(settings.preset, settings.width)
    chosen = wide if settings.faces == "all" else wide[:1]
    transforms = [transform_of(face, goal) for face in chosen]
    return [Aligned(warp(image, t), face, t) for face, t in zip(chosen, transforms, strict=True)]


@dataclass(frozen=True)
class Job:
    """A file to align, and the PNG that its face becomes; further faces get -2, -3 … behind the name."""

    source: Path
    target: Path
    eyes: Eyes | None = None


def align_file(settings: AlignSettings, job: Job) -> list[dict[str, Any]]:
    """Align a file's faces; the record of each, with its `source` and its `file`.

    Raises ImageError for a bad file or one without a face, S2FError when the target cannot be written.
    """
    records = []
    for number, one in enumerate(align(images.read(job.source), settings, job.eyes), start=1):
        target = job.target if number == 1 else job.target.with_stem(f"{job.target.stem}-{number}")
        atomic_write(target, images.encode(one.image), flush=False)
        records.append({"file": str(target), "source": str(job.source), **one.record()})
    return records


class Records:
    """What was aligned into a folder: `alignment.jsonl`, a line for each face, and `left_out.csv`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "alignment.jsonl"

    def add(self, record: dict[str, Any]) -> None:
        """Add a line at once, so that it outlives a kill; `finish` puts the lines in order."""
        with self._file.open("a", encoding="ascii") as lines:
            lines.write(json.dumps(record) + "\n")

    def some(self, count: int) -> list[dict[str, Any]]:
        """The last record of so many faces, at even distances when they are sorted by file."""
        last = self._places()
        step = max(len(last) // count, 1)
        spread = [places[-1] for number, (_, places) in enumerate(last) if number % step == 0]
        return [self._read(int(place)) for place in spread[:count]]

    def finish(self, left_out: Mapping[str, str]) -> None:
        """Write one line for each face, sorted, and the list of what was left out with the reasons."""
        if len(last := self._places()):
            with atomic_file(self._file) as temporary, temporary.open("w", encoding="ascii") as lines:
                for _, places in last:
                    lines.write(json.dumps(self._read(int(places[-1]))) + "\n")
        write_left_out(self._folder, left_out)

    def _places(self) -> DiskMultimap:
        """Where the lines of every face are in the file; lines that were cut off are passed over."""
        found, place = DiskMultimap(), 0
        if self._file.is_file():
            with self._file.open("rb") as lines:
                for line in lines:
                    with suppress(ValueError, TypeError, KeyError):
                        found.add(json.loads(line)["file"], str(place))
                    place += len(line)
        return found

    def _read(self, place: int) -> dict[str, Any]:
        with self._file.open("rb") as lines:
            lines.seek(place)
            record: dict[str, Any] = json.loads(lines.readline())
            return record


def _apart(face: Face) -> float:
    return abs(complex(*face.left_corner) - complex(*face.right_corner))


@cache
def _aligner(name: str) -> Any:
    return registry.find("aligners", name)()
