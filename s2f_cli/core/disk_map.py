"""A multimap on disk, for lists that are too long for memory."""

import os
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter


class DiskMultimap:
    """A multimap of file-name strings in an anonymous temporary SQLite file.

    A key may have several values, in the order they were added. Keys and values may contain undecodable
    bytes, as file names may. Memory use is constant.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE multimap (key BLOB, value BLOB)")
        self._database.execute("CREATE INDEX by_key ON multimap (key)")
        self._database.execute("BEGIN")

    def add(self, key: str, value: str = "") -> None:
        """Add a value to a key."""
        self._database.execute("INSERT INTO multimap VALUES (?, ?)", (os.fsencode(key), os.fsencode(value)))

    def get(self, key: str, default: str = "") -> str:
        """The value that was added last to a key, or `default` if there is none."""
        last = "SELECT value FROM multimap WHERE key = ? ORDER BY rowid DESC LIMIT 1"
        row = self._database.execute(last, (os.fsencode(key),)).fetchone()
        return os.fsdecode(row[0]) if row else default

    def __len__(self) -> int:
        """The number of different keys."""
        return int(self._database.execute("SELECT count(DISTINCT key) FROM multimap").fetchone()[0])

    def __contains__(self, key: str) -> bool:
        row = self._database.execute("SELECT 1 FROM multimap WHERE key = ?", (os.fsencode(key),)).fetchone()
        return row is not None

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each key with its values, sorted by the bytes of the keys."""
        rows = self._database.execute("SELECT key, value FROM multimap ORDER BY key, rowid")
        for key, group in groupby(rows, key=itemgetter(0)):
            yield os.fsdecode(key), [os.fsdecode(value) for _, value in group]
