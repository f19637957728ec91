"""What a preparation knows, on disk: one SQLite database beside the unfinished set.

It is the journal that the same command goes on from, and it keeps memory flat: names, hashes and thumbnails
are rows, and everything that needs all of them (who is drawn, who is whose duplicate, the order of the
manifest) is asked of SQLite, which sorts on disk.

    chosen      what is taken of the source, and into which split; made anew by every start
    made        what became of an item: its entry, or the reason why there is none
    pictures    the files of those that were made, with what tells duplicates
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from s2f_cli.core.errors import DataError
from s2f_cli.core.parallel import Stop
from s2f_cli.data.source import as_text, stable_hash

_FILE = "ledger.sqlite"
_TABLES = """
CREATE TABLE state (key TEXT);
CREATE TABLE made (name TEXT PRIMARY KEY, split TEXT, stamp TEXT, line TEXT, reason TEXT) WITHOUT ROWID;
CREATE TABLE pictures (name TEXT, domain TEXT, file TEXT, size INTEGER, digest BLOB, thumb BLOB);
CREATE INDEX pictures_of ON pictures (name);
"""


class Picture(NamedTuple):
    """A file that was made."""

    domain: str
    file: str
    """Relative to the data set."""
    size: int
    digest: bytes
    """SHA-256 of its bytes."""
    thumb: bytes | None
    """By which near duplicates are told; None for a picture without contrast."""


class Record(NamedTuple):
    """What became of an item that was made."""

    split: str
    stamp: str
    """Changes when the item's files do."""
    line: str
    """Its entry, as a line of the manifest."""
    pictures: list[Picture]


class Ledger:
    """The database in a folder, for one preparation (`key`) and one process at a time.

    A ledger of another key, or a broken one, is thrown away with its folder. Raises DataError when another
    process is at work in the folder, or when it cannot be made.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open(folder, key)
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem):
                raise DataError(
                    f"another s2f prepare is at work in {folder}", "wait for it, or choose another --output"
                ) from None
            raise DataError(
                f"cannot write {folder}: {problem}", "choose another folder with --output"
            ) from None
        except OSError as problem:
            raise DataError(
                f"cannot write {folder}: {problem.strerror}", "choose another folder with --output"
            ) from None

    def _open(self, folder: Path, key: str) -> None:
        """Open and lock the file; start afresh when it is another preparation's, or broken."""
        try:
            self._connect()
            if self._key() == key:
                return
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._rows.close()
            self._path.unlink()
            self._connect()
        for path in folder.iterdir():
            if not path.name.startswith(_FILE):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for (table,) in list(self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")):
            self.run(f'DROP TABLE "{table}"')
        self._rows.executescript(_TABLES)
        self.run("INSERT INTO state VALUES (?)", key)

    def _connect(self) -> None:
        """The file is locked until it is closed, or the process ends.

        What was written outlives a kill at once; nothing is waited for the disk, as for the images.
        """
        self._rows = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = OFF"):
            self.run(f"PRAGMA {setting}")
        self.run("BEGIN EXCLUSIVE")
        self.run("COMMIT")
        self._rows.create_function("lot", 3, stable_hash, deterministic=True)

    def _key(self) -> str | None:
        """The key of a whole database, None of one without a key; raises DatabaseError for a broken one."""
        if self.value("PRAGMA quick_check") != "ok":
            raise sqlite3.DatabaseError
        whole = (
            self.value("SELECT count(*) FROM sqlite_master WHERE name IN ('state', 'made', 'pictures')") == 3
        )
        return self.value("SELECT key FROM state") if whole else None

    def run(self, statement: str, *values: object) -> int:
        """Carry out a statement; the number of rows that it changed.

        Raises Stop when the disk is full or fails.
        """
        with self._writing():
            return self._rows.execute(statement, values).rowcount

    def rows(self, question: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of an answer, one after the other; the tables must not be changed meanwhile."""
        return iter(self._rows.execute(question, values))

    def row(self, question: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of an answer, if there is one."""
        return next(self.rows(question, *values), None)

    def value(self, question: str, *values: object) -> Any:
        """The first value of an answer; None when there is none."""
        return (self.row(question, *values) or (None,))[0]

    @contextmanager
    def together(self) -> Iterator[None]:
        """All statements of the block are written at once, or none."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self._rows.rollback()
            raise
        self.run("COMMIT")

    def note(self, name: str, record: Record | None, reason: str) -> None:
        """Write what became of an item; it outlives a kill when this returns."""
        split, stamp, line, pictures = record or (None, None, None, [])
        with self.together():
            self.run("DELETE FROM pictures WHERE name = ?", name)
            told = as_text(reason) if reason else None
            self.run("INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?)", name, split, stamp, line, told)
            for picture in pictures:
                self.run("INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)", name, *picture)

    def close(self) -> None:
        """Close the file; another process may go on with it."""
        self._rows.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as problem:
            if "full" not in str(problem) and "I/O" not in str(problem):
                raise
            raise Stop(
                f"cannot write {self._path}: {problem}", "make room; the same command then goes on"
            ) from None
