"""Enlarge a translation with the detail of its source, octave by octave (Denton et al. 2015, §3.2)."""

from collections.abc import Callable
from math import ceil, log2

from PIL import Image

from s2f_cli.inference import tiling

LARGEST_FACE = 2048
"""Width of the largest crop of a face, in pixels; what is larger in a photo is enlarged."""
_WORTH_REFINING = 1.2
"""Factor below which an enlarged translation gets no new detail."""


def enlarge(
    result: Image.Image,
    source: Image.Image,
    size: tuple[int, int],
    refine: Callable[[tiling.Array], tiling.Array],
    *,
    channels: tuple[int, int],
    tile: int,
    multiple: int,
) -> Image.Image:
    """Bring a translation to a size (width, height), octave by octave, and each octave in tiles.

    `refine` takes the source and the enlarged translation (1, C, height, width) in [-1, 1], whose channels
    are the two in `channels`, and returns the translation with detail. `tile` and `multiple` are those of
    `tiling.run_tiled`.
    """
    for step in _octaves(result.size, size):
        enlarged = result.resize(step, Image.Resampling.BILINEAR)
        inputs = list(zip((resize(source, step), enlarged), channels, strict=True))
        result = tiling.run_tiled(refine, inputs, tile=tile, multiple=multiple)
    return resize(result, size)


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An image at a size (width, height)."""
    return image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)


def _octaves(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes (width, height) from one to a larger one, by equal factors of up to 2."""
    factor = min(end[0] / start[0], end[1] / start[1])
    if factor < _WORTH_REFINING:
        return []
    count = ceil(log2(factor) - 1e-9)
    rests = [factor ** (step / count - 1) for step in range(1, count + 1)]
    return [(max(round(end[0] * rest), 1), max(round(end[1] * rest), 1)) for rest in rests]
