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
_FEW, _WEIGHTS = 2**17, 100
"""A processor reads the weights anew for each batch, and its cache holds few maps: pictures of 256 pixels are
quickest by ones or twos in a network of 5 or 11 million weights, by eights in one of 54 million.
"""
_SHARES = 4
"""Another device gets a quarter of what it could be given, so that files are read and written meanwhile."""


def single(device: torch.device) -> int:
    """So many pixels of a picture go through a network at once; a larger one goes in tiles."""
    most = _MOST.get(device.type, _MOST["cpu"])
    return max(min(free(device) // _SHARE // _BYTES, most), _LEAST)


def batch(device: torch.device, weights: int) -> int:
    """So many pixels of several pictures go together through a network of so many weights; one picture alone
    may have more.
    """
    room = single(device)
    if device.type != "cpu":
        return room // _SHARES
    return min(room, max(_FEW, weights // _WEIGHTS))


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
