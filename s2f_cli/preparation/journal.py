"""What an unfinished preparation has done, so that the same command goes on where it stopped."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from s2f_cli.errors import DataError

_FILE = "journal.jsonl"


class Journal:
    """A file of JSON lines in a folder, the first of which says what is prepared and how (`key`).

    A journal of another key is thrown away with its folder; a line that was cut off by a crash is dropped.
    Raises DataError when another process is writing it, or when the folder cannot be made.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self._path = folder / _FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+b")
        except OSError as problem:
            raise DataError(
                f"cannot write {folder}: {problem.strerror}", "choose another folder with --output"
            ) from None
        _lock(self._file.fileno(), folder)
        if self._key() == key:
            self._drop_broken_end()
        else:
            self._clear(folder)
            self.append(json.dumps({"key": key}))

    def append(self, record: str) -> None:
        """Add a record of JSON in one line; it is in the system's hands when this returns, so that it
        outlives a kill.
        """
        self._file.write(record.encode() + b"\n")
        self._file.flush()

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every record after the key with the place of its line, in the order they were written."""
        with self._path.open("rb") as lines:
            place = len(lines.readline())
            for line in lines:
                yield place, json.loads(line)
                place += len(line)

    def read(self, places: Iterator[int]) -> Iterator[dict[str, Any]]:
        """The records at these places."""
        with self._path.open("rb") as lines:
            for place in places:
                lines.seek(place)
                yield json.loads(lines.readline())

    def close(self) -> None:
        """Close the file; another process may go on with it."""
        self._file.close()

    def _key(self) -> str | None:
        try:
            with self._path.open("rb") as lines:
                return str(json.loads(lines.readline())["key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _clear(self, folder: Path) -> None:
        """Throw away all that is in the folder, but keep the file, and with it the lock."""
        self._file.truncate(0)
        for path in folder.iterdir():
            if path != self._path:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def _drop_broken_end(self) -> None:
        whole = 0
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
        self._file.truncate(whole)


def _lock(descriptor: int, folder: Path) -> None:
    """Hold the file until the process ends, however it ends; does nothing where there is no fcntl
    (Windows).
    """
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DataError(
            f"another s2f prepare is at work in {folder}", "wait for it, or choose another --output"
        ) from None
