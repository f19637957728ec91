"""Faces found in an image and aligned: which of them, how, and a record of each that can be undone."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from s2f_cli import images, parts
from s2f_cli.alignment import Face, Point, Transform, preset, transform_of, warp
from s2f_cli.errors import DataError, ImageError
from s2f_cli.files import write_whole

Choice = Literal["largest", "best", "all"]
"""Which face of a picture with several: the largest, the surest, or all of them."""

_CORNERS = 1.39
"""The distance of the outer corners of the eyes when their middles are 1 apart, on average (CUHK photos)."""


@dataclass(frozen=True)
class Settings:
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
        return {**asdict(self.face), **asdict(self.transform)}


def align(image: Image.Image, settings: Settings, eyes: tuple[Point, Point] | None = None) -> list[Aligned]:
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


def by_hand(left: Point, right: Point) -> Face:
    """The face of two eyes, given by their middles; their corners are put where they are on average.

    Raises ImageError when the two are one point.
    """
    start, end = complex(*left), complex(*right)
    if abs(end - start) < 1:
        raise ImageError("the eyes given for it are in one place", "give the middle of each eye in pixels")
    middle, reach = (start + end) / 2, (end - start) / 2 * _CORNERS
    first, last = middle - reach, middle + reach
    side = abs(end - start)
    return Face(
        box=(middle.real - side, middle.imag - side, middle.real + side, middle.imag + side),
        confidence=None,
        left_corner=(first.real, first.imag),
        right_corner=(last.real, last.imag),
        left_eye=left,
        right_eye=right,
    )


def read_eyes(table: Path, folder: Path) -> dict[Path, tuple[Point, Point]]:
    """Eyes given by hand: a CSV with the columns file, left_x, left_y, right_x, right_y, by image in
    `folder`.

    Raises DataError, naming the line, when it cannot be understood or its file is not in the folder.
    """
    columns = ["file", "left_x", "left_y", "right_x", "right_y"]
    found = {}
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            if not set(columns) <= set(rows.fieldnames or ()):
                raise DataError(
                    f"{table} needs the columns {','.join(columns)}", "name them in its first line"
                )
            for row in rows:
                where = f"{table}, line {rows.line_num}"
                try:
                    left_x, left_y, right_x, right_y = (float(row[column]) for column in columns[1:])
                except (TypeError, ValueError):
                    raise DataError(f"{where}: not a file and four numbers", "mend that line") from None
                image = folder / row["file"]
                if not image.is_file():
                    raise DataError(f"{where}: there is no {image}", "write it as it is called in the folder")
                found[image] = ((left_x, left_y), (right_x, right_y))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(f"{table} cannot be read: {problem}", "check the path") from None
    return found


@dataclass(frozen=True)
class Job:
    """A file to align, and where its face goes; further faces get -2, -3 … behind the name."""

    source: Path
    target: Path
    eyes: tuple[Point, Point] | None = None


def align_file(settings: Settings, job: Job) -> list[dict[str, Any]]:
    """Align a file's faces; the record of each, with its `source` and its `file`.

    Raises ImageError for a bad file or one without a face, S2FError when the target cannot be written.
    """
    records = []
    for number, one in enumerate(align(images.read(job.source), settings, job.eyes), start=1):
        target = job.target if number == 1 else job.target.with_stem(f"{job.target.stem}-{number}")
        images.write(one.image, target)
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

    def read(self) -> list[dict[str, Any]]:
        """The last record of every face, sorted by file; lines that were cut off are passed over."""
        found: dict[str, dict[str, Any]] = {}
        for line in self._file.read_bytes().splitlines() if self._file.is_file() else ():
            try:
                record = json.loads(line)
                found[record["file"]] = record
            except (ValueError, TypeError, KeyError):
                continue
        return [found[name] for name in sorted(found)]

    def finish(self, left_out: Mapping[str, str]) -> None:
        """Write one line for each face, sorted, and the list of what was left out with the reasons."""
        records = self.read()
        if records:
            write_whole(self._file, "".join(json.dumps(record) + "\n" for record in records))
        table = self._folder / "left_out.csv"
        if left_out:
            rows = io.StringIO(newline="")
            csv.writer(rows).writerows([("file", "reason"), *left_out.items()])
            write_whole(table, rows.getvalue().encode("utf-8", "surrogateescape"))
        else:
            table.unlink(missing_ok=True)


def _apart(face: Face) -> float:
    return abs(complex(*face.left_corner) - complex(*face.right_corner))


@cache
def _aligner(name: str) -> Any:
    return parts.find("aligners", name)()
