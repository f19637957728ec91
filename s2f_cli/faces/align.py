"""Find and align the faces in an image, with records for putting each one back."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Literal, Protocol

from PIL import Image

from s2f_cli.core import documents, images, registry
from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.output_tree import is_file_name
from s2f_cli.faces.geometry import Face, Transform, preset, transform_of, warp
from s2f_cli.faces.manual_eyes import Eyes, face_of_eyes

FaceChoice = Literal["largest", "best", "all"]
"""Which face of an image to take: the largest, the most confident (`best`), or all."""

_DETECTOR = Lock()


class Aligner(Protocol):
    """A face finder: a class in a module of `faces/aligners` whose constructor takes no arguments."""

    def find(self, image: Image.Image) -> list[Face]:
        """Find the faces in an image (`L` or `RGB`), most confident first; empty if there are none."""


@dataclass(frozen=True)
class AlignSettings:
    """How faces are aligned; raises DataError for an unknown preset or an impossible width."""

    preset: str = "report-b"
    width: int | None = None
    """Width of the aligned face, in pixels; None for the preset's own."""
    faces: FaceChoice = "largest"
    min_eyes: float = 20.0
    """Minimum distance between the outer eye corners, in pixels of the photo; report B's code uses 20."""
    aligner: str = "dlib"
    max_width: int | None = None
    """Faces that are larger than `width` in their photo keep their size, up to this width."""

    def __post_init__(self) -> None:
        preset(self.preset, self.width)


@dataclass(frozen=True)
class AlignedFace:
    """An aligned face, and its transform from the photo."""

    image: Image.Image
    face: Face
    transform: Transform

    def record(self) -> dict[str, Any]:
        """Landmarks, box, confidence and transform as values for JSON."""
        return {**vars(self.face), **vars(self.transform)}


def align(image: Image.Image, settings: AlignSettings, eyes: Eyes | None = None) -> list[AlignedFace]:
    """Find and align the faces of an image: the one that `settings.faces` chooses, or all.

    `eyes` are the centres of the left and the right eye, found by hand; they replace the search.

    Raises ImageError if no face is found, or if the eyes of all faces are closer than `min_eyes`; MissingPart
    if the aligner does not exist or is not installed.
    """
    faces = [face_of_eyes(*eyes)] if eyes else find(image, settings.aligner)
    if not faces:
        raise ImageError("no face was found in it", "give its eyes with --eyes, or leave it out")
    large = [face for face in faces if eyes or _eye_distance(face) >= settings.min_eyes]
    if not large:
        raise ImageError(
            f"its eyes are only {max(map(_eye_distance, faces)):.0f} pixels apart",
            "allow it with a lower --min-eyes",
        )
    if settings.faces == "largest":
        large.sort(key=lambda face: face.box[0] - face.box[2])
    chosen = large if settings.faces == "all" else large[:1]
    return [crop(image, face, settings) for face in chosen]


def crop(image: Image.Image, face: Face, settings: AlignSettings, width: int | None = None) -> AlignedFace:
    """Align a face of an image, to a width in pixels if one is given, else to that of `transform`."""
    to_face = (
        transform(face, settings) if width is None else transform_of(face, preset(settings.preset, width))
    )
    return AlignedFace(warp(image, to_face), face, to_face)


def transform(face: Face, settings: AlignSettings) -> Transform:
    """The transform to the aligned face; a large face keeps its size, up to `max_width`."""
    to_face = transform_of(face, preset(settings.preset, settings.width))
    if settings.max_width is None or to_face.scale >= 1:
        return to_face
    width = min(round(to_face.width / to_face.scale), max(settings.max_width, to_face.width))
    return transform_of(face, preset(settings.preset, width))


def find(image: Image.Image, aligner: str = "dlib") -> list[Face]:
    """Find the faces of an image, most confident first; threads take turns, because they share the detector.

    Raises MissingPart if the aligner does not exist or is not installed.
    """
    with _DETECTOR:
        return _aligner(aligner).find(image)


def find_largest(image: Image.Image, aligner: str = "dlib") -> Face | None:
    """Find the largest face of an image; None if there is none. Raises MissingPart as `find`."""
    return max(find(image, aligner), key=lambda face: face.box[2] - face.box[0], default=None)


@dataclass(frozen=True)
class AlignJob:
    """A file to align, and the PNG of its face; further faces add -2, -3 … to the name."""

    source: Path
    target: Path
    eyes: Eyes | None = None
    note: str = ""
    """The settings, as the PNG says them (`core.made_with`)."""


def align_file(settings: AlignSettings, job: AlignJob) -> list[dict[str, Any]]:
    """Align the faces of a file; returns a record of each, with its `source` and its `file`.

    Raises ImageError for an unreadable file or one without a face, S2FError if the PNG cannot be written.
    """
    records = []
    for number, face in enumerate(align(images.read(job.source), settings, job.eyes), start=1):
        target = job.target if number == 1 else job.target.with_stem(f"{job.target.stem}-{number}")
        images.write(face.image, target, flush=False, note=job.note)
        records.append({"file": str(target), "source": str(job.source), **face.record()})
    return records


class AlignmentRecords:
    """The records in a folder of aligned faces: `alignment.jsonl`, a line per face."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "alignment.jsonl"

    def add(self, record: dict[str, Any]) -> None:
        """Append a line immediately, so that it survives a kill; `finish` sorts the lines."""
        with self._file.open("a", encoding="ascii") as lines:
            lines.write(json.dumps(record) + "\n")

    def sample(self, count: int) -> list[dict[str, Any]]:
        """The latest records of up to `count` faces, spread evenly over the sorted files."""
        offsets = self._offsets()
        step = max(len(offsets) // count, 1)
        spread = [line[-1] for number, (_, line) in enumerate(offsets) if number % step == 0]
        return [self._read(int(offset)) for offset in spread[:count]]

    def finish(self) -> None:
        """Write one line per face, sorted."""
        if len(offsets := self._offsets()):
            with atomic_file(self._file) as temporary, temporary.open("w", encoding="ascii") as lines:
                for _, line in offsets:
                    lines.write(json.dumps(self._read(int(line[-1]))) + "\n")

    def _offsets(self) -> DiskMultimap:
        """The offsets of each face's lines in the file; truncated lines are skipped."""
        offsets, offset = DiskMultimap(), 0
        if self._file.is_file():
            with self._file.open("rb") as lines:
                for line in lines:
                    with suppress(ValueError, TypeError, KeyError):
                        offsets.add(documents.from_json(line)["file"], str(offset))
                    offset += len(line)
        return offsets

    def _read(self, offset: int) -> dict[str, Any]:
        with self._file.open("rb") as lines:
            lines.seek(offset)
            record: dict[str, Any] = json.loads(lines.readline())
            return record


@contextmanager
def records_of(output: Path | None) -> Iterator[AlignmentRecords]:
    """The records of faces in an output folder; in a temporary one, if the output is none or a file."""
    if output is not None and not is_file_name(output):
        yield AlignmentRecords(output)
    else:
        with TemporaryDirectory(prefix="s2f-") as folder:
            yield AlignmentRecords(Path(folder))


def _eye_distance(face: Face) -> float:
    return math.dist(face.left_corner, face.right_corner)


@cache
def _aligner(name: str) -> Aligner:
    aligner: Aligner = registry.find("aligners", name)()
    return aligner
