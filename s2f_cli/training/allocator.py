"""How the C library keeps memory: freed blocks stay with the process, to be used again."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""


def keep_freed_memory() -> None:
    """Keep freed memory, where the C library is glibc; elsewhere nothing happens.

    By default each block over 32 MB goes back to the system when it is freed, and a training step asks for
    the same ones again, page by page, each set to zero first: up to half of a step's time.
    """
    if platform.libc_ver()[0] == "glibc":
        settings = ctypes.CDLL(None).mallopt
        settings(_MMAP_MAX, 0)
        settings(_TRIM_THRESHOLD, 2**31 - 1)
