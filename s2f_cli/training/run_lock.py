"""The lock of a run folder: only one process trains a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from s2f_cli.core import locks
from s2f_cli.core.errors import RunError

LOCK = "train.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from training a run in the block; raises RunError if one does."""
    with _refusing(folder), locks.lock(folder / LOCK):
        yield


def check_not_training(folder: Path) -> None:
    """Raise RunError if a process trains the run in a folder."""
    with _refusing(folder):
        locks.check_free(folder / LOCK)


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    try:
        yield
    except locks.Held as problem:
        holder = problem.holder
        kill = f"kill {holder.pid}" if holder else "Ctrl-C"
        raise RunError(
            f"{folder} is being trained by {holder or 'another process'}",
            f"wait for its end, or stop it gently with `{kill}`; if it does not run, delete {folder / LOCK}",
        ) from None
