"""Pixel budgets: how many pixels go through a network at once, given the free memory."""

import psutil

_BYTES_PER_PIXEL = 2048
"""Peak memory of a generator per pixel: eight feature maps of 64 channels in float32."""
_MEMORY_SHARE = 4
"""Use a quarter of the free memory."""
_MIN_PIXELS = 2**16
_MAX_PIXELS = {"cpu": 2**20, "cuda": 2**22}
"""Larger batches are not faster on any device."""
_SMALL_BATCH = 2**17
"""Pixels of a batch on the CPU, for networks with few weights."""
_PER_THREAD = 2**16
"""The same, for each thread that computes images of its own."""
_WEIGHTS_PER_PIXEL = 100
"""A CPU reads the weights from memory for every batch, and its cache holds few feature maps. Images of
256×256 pixels are fastest one or two at a time in a network of 5 or 11 million weights, eight at a time in
one of 54 million."""
_BATCH_SHARE = 4
"""Off the CPU, a batch uses a quarter of the possible pixels, so that reading and writing files overlaps with
computing."""


def single(device: str, free: int) -> int:
    """Pixel budget of one image on a device with `free` bytes; larger images are tiled."""
    maximum = _MAX_PIXELS.get(_kind(device), _MAX_PIXELS["cpu"])
    return max(min(free // _MEMORY_SHARE // _BYTES_PER_PIXEL, maximum), _MIN_PIXELS)


def batch(device: str, free: int, weights: int, parallel: int = 1) -> int:
    """Pixel budget of a batch, for a network of `weights` weights; a single image may exceed it.

    `parallel` is the number of threads that compute images of their own.
    """
    budget = single(device, free)
    if _kind(device) != "cpu":
        return budget // _BATCH_SHARE
    return min(budget, max(_SMALL_BATCH, parallel * _PER_THREAD, weights // _WEIGHTS_PER_PIXEL))


def free_memory() -> int:
    """The computer's free memory in bytes."""
    return int(psutil.virtual_memory().available)


def _kind(device: str) -> str:
    return device.partition(":")[0]
