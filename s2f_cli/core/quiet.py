"""Silence third-party exporters; exceptions still propagate."""

import contextlib
import ctypes
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard stdout, log messages and warnings of the block; a progress bar on stderr keeps running."""
    silenced = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(silenced)


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Discard also what libraries in C and C++ write to the process's stdout during the block."""
    try:
        kept = os.dup(1)
    except OSError:  # stdout is closed
        yield
        return
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    with Path(os.devnull).open("wb") as nowhere:
        _flush()
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            _flush()
            os.dup2(kept, 1)
            os.close(kept)


def _flush() -> None:
    """Write out what the C library has buffered."""
    if os.name != "nt":
        ctypes.CDLL(None).fflush(None)
