"""How much of a picture a network is given at once, by the memory that is free."""

import os
from pathlib import Path

import torch

_BYTES = 2048
"""What a pixel takes while a generator works on it, at most: eight maps of 64 channels in float32."""
_SHARE = 4
"""A quarter of the free memory is used."""
_LEAST, _MOST = 2**16, {"cpu": 2**20, "cuda": 2**22}
"""Pixels; more at once makes no device faster."""
_UNKNOWN = 2**32


def pixels(device: torch.device) -> int:
    """So many pixels, of one picture or of several, go through a network together."""
    most = _MOST.get(device.type, _MOST["cpu"])
    return max(min(free(device) // _SHARE // _BYTES, most), _LEAST)


def free(device: torch.device) -> int:
    """The bytes of memory that are free on a device; 4 GB where the system does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
        return int(told.split("MemAvailable:")[1].split()[0]) * 1024
    except (OSError, IndexError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN
