"""The memory allocator of the C library: keeps freed blocks in the process for reuse."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Parameters of glibc's `mallopt`."""


def keep_freed_memory() -> None:
    """Make glibc keep freed memory; do nothing with other C libraries.

    By default, glibc returns each block above 32 MB to the system when it is freed. A training step requests
    the same blocks again, and the system zeroes every page first: up to half of the step's time.
    """
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
