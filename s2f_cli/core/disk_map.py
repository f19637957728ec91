"""A table on disk, for lists that are too long to be held in memory."""

import os
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter


class DiskMultimap:
    """Keys with their values, all text as names of files have it, in a temporary file that nobody sees.

    A key may have several values, in the order they were added. Memory stays flat.
    """

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE shelf (key BLOB, value BLOB)")
        self._rows.execute("CREATE INDEX by_key ON shelf (key)")
        self._rows.execute("BEGIN")

    def add(self, key: str, value: str = "") -> None:
        """Give a key one more value."""
        self._rows.execute("INSERT INTO shelf VALUES (?, ?)", (os.fsencode(key), os.fsencode(value)))

    def get(self, key: str, default: str = "") -> str:
        """The value of a key that was added last."""
        last = "SELECT value FROM shelf WHERE key = ? ORDER BY rowid DESC LIMIT 1"
        found = self._rows.execute(last, (os.fsencode(key),)).fetchone()
        return os.fsdecode(found[0]) if found else default

    def __len__(self) -> int:
        return int(self._rows.execute("SELECT count(DISTINCT key) FROM shelf").fetchone()[0])

    def __contains__(self, key: str) -> bool:
        known = "SELECT 1 FROM shelf WHERE key = ?"
        return self._rows.execute(known, (os.fsencode(key),)).fetchone() is not None

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        """Every key with its values, sorted by the bytes of the keys."""
        rows = self._rows.execute("SELECT key, value FROM shelf ORDER BY key, rowid")
        for key, found in groupby(rows, key=itemgetter(0)):
            yield os.fsdecode(key), [os.fsdecode(value) for _, value in found]
