"""The journal of a preparation: one SQLite database beside the unfinished set.

It makes a preparation resumable and keeps memory flat: names, hashes and thumbnails are rows, and SQLite does
the work that needs all of them on disk (drawing a selection, finding duplicates, sorting the manifest).

    chosen      the items to take, each with its split; rebuilt at every start
    made        the outcome of each item: its entry, or the reason why it failed
    pictures    the files of the rendered items, with their hashes and thumbnails
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from s2f_cli.core.errors import DataError, reason_of
from s2f_cli.core.parallel import Stop
from s2f_cli.data.source import as_text, stable_hash

_FILE = "ledger.sqlite"
_TABLES = """
CREATE TABLE state (key TEXT);
CREATE TABLE made (name TEXT PRIMARY KEY, split TEXT, stamp TEXT, line TEXT, reason TEXT) WITHOUT ROWID;
CREATE TABLE pictures (name TEXT, domain TEXT, file TEXT, size INTEGER, digest BLOB, thumb BLOB);
CREATE INDEX pictures_of ON pictures (name);
"""


class StoredImage(NamedTuple):
    """An image file of the data set."""

    domain: str
    file: str
    """Relative to the data set."""
    size: int
    """In bytes."""
    digest: bytes
    """SHA-256 of its bytes."""
    thumbnail: bytes | None
    """For near-duplicate detection; None if the image has no contrast."""


class RenderedItem(NamedTuple):
    """An item whose images are written."""

    split: str
    stamp: str
    """The sizes and times of the item's source files; see `render_item.stamp`."""
    line: str
    """Its entry, as a line of the manifest."""
    images: list[StoredImage]


class Ledger:
    """The database in a folder, locked for the preparation that `key` identifies; a `with` block closes it.

    A broken ledger, or one with another key, is discarded together with the other contents of its folder.

    Raises DataError if another process holds the lock, or if the database cannot be created.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open(folder, key)
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem):
                raise DataError(
                    f"another s2f prepare is using {folder}", "wait for it, or choose another --output"
                ) from None
            raise DataError(
                f"cannot write {folder}: {problem}", "choose another folder with --output"
            ) from None
        except OSError as problem:
            raise DataError(
                f"cannot write {folder}: {reason_of(problem)}", "choose another folder with --output"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, folder: Path, key: str) -> None:
        """Open and lock the file; start afresh if it has another key or is broken."""
        try:
            self._connect()
            if self._key() == key:
                return
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._database.close()
            self._path.unlink()
            self._connect()
        for path in folder.iterdir():
            if not path.name.startswith(_FILE):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for (table,) in list(self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")):
            self.run(f'DROP TABLE "{table}"')
        self._database.executescript(_TABLES)
        self.run("INSERT INTO state VALUES (?)", key)

    def _connect(self) -> None:
        """Open the file and hold its lock until it is closed or the process ends.

        Writes survive a kill at once; like those of the images, they are not flushed to the disk.
        """
        self._database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        for setting in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = OFF"):
            self.run(f"PRAGMA {setting}")
        self.run("BEGIN EXCLUSIVE")
        self.run("COMMIT")
        self._database.create_function("stable_hash", 3, stable_hash, deterministic=True)

    def _key(self) -> str | None:
        """The key of an intact database, None for one without; raises DatabaseError for a broken one."""
        if self.value("PRAGMA quick_check") != "ok":
            raise sqlite3.DatabaseError
        tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('state', 'made', 'pictures')"
        return self.value("SELECT key FROM state") if self.value(tables) == 3 else None

    def run(self, statement: str, *values: object) -> int:
        """Execute a statement; returns the number of rows it changed.

        Raises Stop if the disk is full or fails.
        """
        with self._disk_errors():
            return self._database.execute(statement, values).rowcount

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query; the tables must not change until it is exhausted."""
        return iter(self._database.execute(query, values))

    def row(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        return next(self.rows(query, *values), None)

    def value(self, query: str, *values: object) -> Any:
        """The first value of the first row of a query, or None."""
        return (self.row(query, *values) or (None,))[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Apply all statements of the block, or none if it raises."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self._database.rollback()
            raise
        self.run("COMMIT")

    def record(self, name: str, rendered: RenderedItem | None, reason: str) -> None:
        """Store the outcome of an item in place of an earlier one; it survives a kill once this returns."""
        split, stamp, line, images = rendered or (None, None, None, [])
        with self.transaction():
            self.run("DELETE FROM pictures WHERE name = ?", name)
            failure = as_text(reason) if reason else None
            self.run("INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?)", name, split, stamp, line, failure)
            for image in images:
                self.run("INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)", name, *image)

    def close(self) -> None:
        """Close the file and release its lock."""
        self._database.close()

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as problem:
            if "full" not in str(problem) and "I/O" not in str(problem):
                raise
            raise Stop(
                f"cannot write {self._path}: {problem}", "free some space and repeat the command to resume"
            ) from None
