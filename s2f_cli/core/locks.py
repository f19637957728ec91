"""A file that one process holds at a time.

The operating system's lock decides, which ends with its process: a file left by a kill or a reboot is in
nobody's way. Where a file system has no locks, the process that the file names decides.
"""

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from s2f_cli.core import documents

_FAR = 1 << 30
"""The byte that Windows locks: other processes can read those before it."""
_SECONDS = 2.0
"""Difference of two start times of one process, at most."""
_INTERVAL = 0.05


@dataclass(frozen=True)
class Holder:
    """The process that holds a file."""

    pid: int
    host: str
    started: float
    """When the process started, in seconds since 1970."""

    @classmethod
    def this(cls) -> "Holder":
        """The current process."""
        return cls(os.getpid(), platform.node(), psutil.Process().create_time())

    def __str__(self) -> str:
        """The process for a message, such as `process 7`, or `process 7 on HOST` for another computer."""
        return f"process {self.pid}" + ("" if self.host == platform.node() else f" on {self.host}")

    def is_alive(self) -> bool:
        """Whether the process runs, as far as this computer knows: those of others count as running."""
        if self.host != platform.node():
            return True
        try:
            started = psutil.Process(self.pid).create_time()
        except psutil.Error:
            return False
        return abs(started - self.started) < _SECONDS


class Held(Exception):
    """Another process, or another part of this one, holds the file; `holder` is None if it is unknown."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        super().__init__(f"{path} is held by {holder or 'another process'}")
        self.holder = holder


@contextmanager
def lock(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold a file in this block, and delete it afterwards; its folder must exist.

    Raises Held if another process holds it and does not let go within `wait` seconds; OSError if the file
    cannot be made.
    """
    deadline = time.monotonic() + wait
    while True:
        try:
            descriptor = _acquire(path)
            break
        except Held:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_INTERVAL)
    try:
        yield
    finally:
        if os.name == "nt":
            os.close(descriptor)
        with suppress(OSError):
            path.unlink()
        if os.name != "nt":
            os.close(descriptor)


def holder(path: Path) -> Holder | None:
    """The process that a file names, or None."""
    try:
        return Holder(**documents.from_json(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def check_free(path: Path) -> None:
    """Raise Held if another process holds the file."""
    if path.exists():
        with suppress(OSError), lock(path):
            pass


def _acquire(path: Path) -> int:
    """Open and lock a file, and write who holds it; returns the descriptor."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            if not _try_lock(descriptor):
                raise Held(path, holder(path))
            if _is_at(descriptor, path):  # else its holder deleted it meanwhile
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, json.dumps(asdict(Holder.this())).encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock an open file without waiting; raises OSError if that fails."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _try_lock(descriptor: int) -> bool:
    """Lock an open file; where the file system has no locks, ask whether the process that it names runs."""
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        named = _named(descriptor)
        return named is None or not named.is_alive()
    return True


def _named(descriptor: int) -> Holder | None:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        return Holder(**documents.from_json(os.read(descriptor, 1000)))
    except (ValueError, TypeError):
        return None


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
