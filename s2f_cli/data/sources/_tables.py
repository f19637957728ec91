"""Reads the tables that come with images: lists of splits, identities and attributes."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from s2f_cli.core.errors import DataError, reason_of
from s2f_cli.data.source import LeftOut


def rows(table: Path, columns: Sequence[str]) -> Iterator[dict[str, str] | LeftOut]:
    """Yield the rows of a CSV file with a header; rows with too few or too many values are left out.

    Raises DataError if the file cannot be read, is not text, or its header lacks one of `columns`.
    """
    with _opened(table) as text:
        table_rows = csv.DictReader(text, strict=True)
        missing = [column for column in columns if column not in (table_rows.fieldnames or ())]
        if missing:
            raise DataError(f"{table} has no column {missing[0]!r}", f"it needs {','.join(columns)}")
        for row in table_rows:
            if None in row or None in row.values():
                line = f"{table}, line {table_rows.line_num}"
                yield LeftOut(line, "its number of values differs from that of the header")
            else:
                yield row


def words(table: Path, count: int) -> Iterator[list[str] | LeftOut]:
    """Yield the lines of a text file as lists of words; lines without exactly `count` words are left out.

    Empty lines are ignored. Raises DataError if the file cannot be read or is not text.
    """
    with _opened(table) as text:
        for number, line in enumerate(text, start=1):
            values = line.split()
            if len(values) == count:
                yield values
            elif values:
                yield LeftOut(f"{table}, line {number}", f"it has {len(values)} values, not {count}")


def first_file(folder: Path, names: Sequence[str], subfolders: Sequence[str] = ("",)) -> Path | None:
    """The first of several files that exists in a folder or in one of its subfolders, or None."""
    candidates = (folder / inside / name for name in names for inside in subfolders)
    return next((file for file in candidates if file.is_file()), None)


def lines(table: Path) -> Iterator[str]:
    """Yield the stripped lines of a text file, without the empty ones.

    Raises DataError if the file cannot be read or is not text.
    """
    with _opened(table) as text:
        yield from filter(None, map(str.strip, text))


@contextmanager
def _opened(table: Path) -> Iterator[TextIO]:
    """Open a table of UTF-8; raises DataError if it cannot be read, there or within the block."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as text:
            yield text
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(
            f"{table} cannot be read: {reason_of(problem)}", "fix the file, or download it again"
        ) from None
