"""Returns freed memory to the system, where the C library would keep it for the process."""

import ctypes
import sys
from functools import cache
from typing import Any


def return_to_system() -> None:
    """Return what is free; does nothing where the C library is not glibc."""
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
