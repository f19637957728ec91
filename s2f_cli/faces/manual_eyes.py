"""Eyes given by hand, for pictures in which no face is found.

They are in a CSV file with the columns file, left_x, left_y, right_x, right_y: the middle of each eye, in
pixels of the picture.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.faces.geometry import Face, Point

Eyes = tuple[Point, Point]

_COLUMNS = ("file", "left_x", "left_y", "right_x", "right_y")
_CORNERS = 1.39
"""The distance of the outer corners of the eyes when their middles are 1 apart, on average (CUHK photos)."""


@dataclass(frozen=True)
class Row:
    """The eyes of one picture, and the line that says so."""

    line: str
    file: str
    eyes: Eyes


def rows(table: Path) -> Iterator[Row]:
    """The rows of a table; raises DataError, naming the line, when one of them cannot be understood."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            found = csv.DictReader(lines)
            if not set(_COLUMNS) <= set(found.fieldnames or ()):
                raise DataError(
                    f"{table} needs the columns {','.join(_COLUMNS)}", "name them in its first line"
                )
            for row in found:
                line = f"{table}, line {found.line_num}"
                try:
                    left_x, left_y, right_x, right_y = (float(row[column]) for column in _COLUMNS[1:])
                except (TypeError, ValueError):
                    raise DataError(f"{line}: not a file and four numbers", "mend that line") from None
                yield Row(line, row["file"], ((left_x, left_y), (right_x, right_y)))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(f"{table} cannot be read: {problem}", "check the path") from None


def in_folder(table: Path, folder: Path) -> dict[Path, Eyes]:
    """The eyes of images in a folder, whose files the table names relative to it.

    Raises DataError as `rows` does, and when there is no such file.
    """
    found = {}
    for row in rows(table):
        image = folder / row.file
        if not image.is_file():
            raise DataError(f"{row.line}: there is no {image}", "write it as it is called in the folder")
        found[image] = row.eyes
    return found


class PathSuffixIndex:
    """Eyes of pictures wherever they lie: a row is for every picture whose path ends as its file says."""

    def __init__(self, given: Iterable[Row] = ()) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in given:
            self._rows.setdefault(PurePath(row.file).name, []).append(row)
        self._used: set[str] = set()

    def of(self, picture: Path) -> Eyes | None:
        """The eyes of a picture, if a row has them."""
        for row in self._rows.get(picture.name, ()):
            parts = PurePath(row.file).parts
            if picture.parts[-len(parts) :] == parts:
                self._used.add(row.line)
                return row.eyes
        return None

    def unused(self) -> dict[str, str]:
        """The lines that no picture was asked for, each with the reason."""
        every = (row for several in self._rows.values() for row in several)
        return {row.line: f"there is no picture {row.file}" for row in every if row.line not in self._used}


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
