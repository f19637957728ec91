"""Tables beside images: lists of splits, identities and attributes."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import LeftOut


def rows(table: Path, columns: Sequence[str]) -> Iterator[dict[str, str] | LeftOut]:
    """The rows of a CSV file with a header, each with all of its columns; a row that lacks some is left out.

    Raises DataError when the file cannot be read, is no text, or its header lacks one of `columns`.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as lines:
            found = csv.DictReader(lines, strict=True)
            missing = [column for column in columns if column not in (found.fieldnames or ())]
            if missing:
                raise DataError(f"{table} has no column {missing[0]!r}", f"it needs {','.join(columns)}")
            for row in found:
                if None in row or None in row.values():
                    yield LeftOut(
                        f"{table}, line {found.line_num}", "it has not as many values as the header"
                    )
                else:
                    yield row
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(f"{table} cannot be read: {problem}", "mend it, or get it again") from None


def words(table: Path, count: int) -> Iterator[list[str] | LeftOut]:
    """The lines of a text file as words; empty lines are passed over, lines of another count left out.

    Raises DataError when the file cannot be read or is no text.
    """
    try:
        with table.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                found = line.split()
                if len(found) == count:
                    yield found
                elif found:
                    yield LeftOut(f"{table}, line {number}", f"it has {len(found)} values, not {count}")
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{table} cannot be read: {problem}", "mend it, or get it again") from None


def first_file(folder: Path, names: Sequence[str], subfolders: Sequence[str] = ("",)) -> Path | None:
    """The first of several files that exists in a folder or in one of its subfolders."""
    candidates = (folder / inside / name for name in names for inside in subfolders)
    return next((file for file in candidates if file.is_file()), None)


def lines(table: Path) -> Iterator[str]:
    """The lines of a text file without blanks around them, empty ones passed over.

    Raises DataError when the file cannot be read or is no text.
    """
    try:
        with table.open(encoding="utf-8-sig") as found:
            yield from filter(None, map(str.strip, found))
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{table} cannot be read: {problem}", "mend it, or get it again") from None
