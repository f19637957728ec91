"""Eye positions found by hand, for images in which the aligner finds no face.

They come from a CSV file with the columns file, left_x, left_y, right_x, right_y: the centre of each eye, in
pixels of the image.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from s2f_cli.core.errors import DataError, ImageError, reason_of
from s2f_cli.core.names import composed
from s2f_cli.faces.geometry import Face, Point, Preset

Eyes = tuple[Point, Point]
"""The centres of the left and the right eye, as seen in the image."""

_COLUMNS = ("file", "left_x", "left_y", "right_x", "right_y")
_FARTHEST = 1e6
"""Pixels; eyes that are farther away are a mistake."""
_CORNERS = 1.39
"""Distance between the outer eye corners over that between the eye centres; average of the CUHK photos."""


@dataclass(frozen=True)
class EyesRow:
    """A row of the table: the eyes in one image."""

    line: str
    """The table and the line number, such as `eyes.csv, line 3`, for messages."""
    file: str
    eyes: Eyes


def read_rows(table: Path) -> Iterator[EyesRow]:
    """Read a table row by row; raises DataError naming the line that is not valid."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            if not set(_COLUMNS) <= set(reader.fieldnames or ()):
                raise DataError(
                    f"{table} needs the columns {','.join(_COLUMNS)}",
                    "name them in its first line, with commas between them",
                )
            for row in reader:
                line = f"{table}, line {reader.line_num}"
                try:
                    left_x, left_y, right_x, right_y = (_pixels(row[column]) for column in _COLUMNS[1:])
                except (TypeError, ValueError):
                    raise DataError(
                        f"{line} does not hold a file and four numbers", "fix that line"
                    ) from None
                yield EyesRow(line, row["file"], ((left_x, left_y), (right_x, right_y)))
    except OSError as problem:
        raise DataError(f"{table}: {reason_of(problem)}", "check the path") from None
    except (UnicodeDecodeError, csv.Error):
        raise DataError(f"{table} is not CSV in UTF-8", "save it as CSV UTF-8") from None


def _pixels(text: str) -> float:
    number = float(text)
    if not abs(number) < _FARTHEST:
        raise ValueError(text)
    return number


def eyes_in_folder(table: Path, folder: Path) -> dict[Path, Eyes]:
    """Read a table whose files are relative to `folder`; returns the eyes of each image.

    Raises DataError as `read_rows` does, and for a file that does not exist.
    """
    eyes = {}
    for row in read_rows(table):
        image = _existing(folder / row.file)
        if image is None:
            image = folder / row.file
            raise DataError(f"{row.line}: there is no {image}", "give the path relative to the folder")
        eyes[image] = row.eyes
    return eyes


def find_eyes(table: Path, inputs: Sequence[Path]) -> Callable[[Path], Eyes | None]:
    """A function that finds the eyes of images; in one folder, files of the table are relative to it.

    Else a row applies to every image whose path ends with its file. Raises DataError as `eyes_in_folder`.
    """
    if len(inputs) == 1 and inputs[0].is_dir():
        return eyes_in_folder(table, inputs[0]).get
    return PathSuffixIndex(read_rows(table)).find


class PathSuffixIndex:
    """Finds the eyes of images in any folder: a row applies to every image whose path ends with its file."""

    def __init__(self, rows: Iterable[EyesRow] = ()) -> None:
        self._rows: dict[tuple[str, ...], list[EyesRow]] = {}
        for row in rows:
            self._rows.setdefault(_parts(row.file)[-1:], []).append(row)
        self._used: set[str] = set()

    def find(self, image: Path) -> Eyes | None:
        """The eyes of an image, or None if no row matches its path."""
        image_parts = _parts(str(image))
        for row in self._rows.get(image_parts[-1:], ()):
            parts = _parts(row.file)
            if image_parts[-len(parts) :] == parts:
                self._used.add(row.line)
                return row.eyes
        return None

    def unused(self) -> dict[str, str]:
        """The lines that have matched no image so far, each with a message."""
        rows = (row for same_name in self._rows.values() for row in same_name)
        return {row.line: f"there is no image {row.file}" for row in rows if row.line not in self._used}


def _parts(file: str) -> tuple[str, ...]:
    """The parts of a path; Unicode forms are equal."""
    return PurePath(composed(file)).parts


def _existing(file: Path) -> Path | None:
    """The file, or one in its folder whose name differs in its Unicode form."""
    try:
        if file.is_file():
            return file
        return next((f for f in file.parent.iterdir() if composed(f.name) == composed(file.name)), None)
    except (OSError, ValueError):
        return None


def face_of_eyes(left: Point, right: Point) -> Face:
    """The face with eyes centred at two points; its outer eye corners are estimated from the average face.

    Raises ImageError if the points are less than a pixel apart.
    """
    start, end = complex(*left), complex(*right)
    distance = abs(end - start)
    if distance < 1:
        raise ImageError(
            "both eyes given for it are at the same point", "give the centre of each eye in pixels"
        )
    middle, reach = (start + end) / 2, (end - start) / 2 * _CORNERS
    left_corner, right_corner = middle - reach, middle + reach
    return Face(
        box=(middle.real - distance, middle.imag - distance, middle.real + distance, middle.imag + distance),
        confidence=None,
        left_corner=(left_corner.real, left_corner.imag),
        right_corner=(right_corner.real, right_corner.imag),
        left_eye=left,
        right_eye=right,
    )


def eye_centres(preset: Preset) -> Eyes:
    """The centres of the eyes in an aligned face, in its pixels; estimated if a preset has the corners."""
    if preset.anchor == "eyes":
        return preset.left, preset.right
    start, end = complex(*preset.left), complex(*preset.right)
    middle, reach = (start + end) / 2, (end - start) / 2 / _CORNERS
    left, right = middle - reach, middle + reach
    return (left.real, left.imag), (right.real, right.imag)
