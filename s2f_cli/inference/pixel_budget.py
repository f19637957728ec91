"""How many pixels go through a network at once, given the free memory."""

import psutil
import torch

_BYTES_PER_PIXEL = 2048
"""Peak memory of a generator per pixel: eight maps of 64 channels in float32."""
_MEMORY_SHARE = 4
"""Use a quarter of the free memory."""
_MIN_PIXELS = 2**16
_MAX_PIXELS = {"cpu": 2**20, "cuda": 2**22}
"""Above this, no device gets faster."""
_SMALL_BATCH = 2**17
_WEIGHTS_PER_PIXEL = 100
"""A CPU reads the weights from memory for every batch, and its cache holds few feature maps: images of 256 ×
256 are fastest one or two at a time in a network of 5 or 11 million weights, eight at a time in one of 54
million.
"""
_BATCH_SHARE = 4
"""A batch on another device uses a quarter of the possible pixels, so that files are read and written
meanwhile."""


def single(device: torch.device) -> int:
    """Pixels of one image that go through a network at once; larger images are tiled."""
    maximum = _MAX_PIXELS.get(device.type, _MAX_PIXELS["cpu"])
    return max(min(free(device) // _MEMORY_SHARE // _BYTES_PER_PIXEL, maximum), _MIN_PIXELS)


def batch(device: torch.device, weights: int) -> int:
    """Pixel budget of a batch, for a network of `weights` weights. A single image may exceed it."""
    budget = single(device)
    if device.type != "cpu":
        return budget // _BATCH_SHARE
    return min(budget, max(_SMALL_BATCH, weights // _WEIGHTS_PER_PIXEL))


def free(device: torch.device) -> int:
    """Free memory of a device, in bytes; of the computer, if the device is not a CUDA GPU."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
