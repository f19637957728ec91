"""Pictures too large for a network at once: seen in tiles that overlap, joined without seams.

Tiles start at multiples of what the network's sides must divide by, so that its grid of pooling lies on each
as it lies on the whole; what is near the edge of a tile, where it lacks surroundings, is not used. Where a
network sees no farther than that margin, the tiles together are the whole.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core import images

Array = npt.NDArray[np.float32]

_OVERLAP = 4
"""Neighbours share about a quarter of a tile: over its middle half one fades into the other, the rest is
margin."""


def run_tiled(
    network: Callable[[Array], Array], picture: Image.Image, channels: int, tile: int, step: int
) -> Image.Image:
    """What a network makes of a picture, tile by tile; in memory there is one row of tiles.

    The network takes and gives (1, channels, height, width) in [-1, 1] of the same size, `tile` pixels on a
    side or less, a multiple of `step`. `channels` is how many it takes.
    """
    columns, rows = (_Side(length, tile, step) for length in picture.size)
    made: Image.Image | None = None
    band = np.zeros((1, rows.tile, columns.length), np.float32)
    for row, top in enumerate(rows.starts):
        for column, left in enumerate(columns.starts):
            seen = picture.crop(
                (left, top, min(left + columns.tile, picture.width), min(top + rows.tile, picture.height))
            )
            padding = (0, 0), (0, rows.tile - seen.height), (0, columns.tile - seen.width)
            result = network(np.pad(images.to_array(seen, channels), padding, mode="edge")[None])[0]
            if len(band) != len(result):
                band = np.zeros((len(result), *band.shape[1:]), np.float32)
            share = rows.share(row)[:, None] * columns.share(column)
            band[:, :, left : left + columns.tile] += result * share
        done = rows.starts[row + 1] - top if row + 1 < len(rows.starts) else picture.height - top
        finished = images.from_array(band[:, :done, : picture.width])
        made = made or Image.new(finished.mode, picture.size)
        made.paste(finished, (0, top))
        band[:, :-done] = band[:, done:]
        band[:, -done:] = 0
    assert made is not None
    return made


class _Side:
    """The tiles along one side of a picture."""

    def __init__(self, length: int, tile: int, step: int) -> None:
        self.length = -(-length // step) * step
        """Of the side in pixels, padded to a multiple of `step`."""
        most = min(max(tile // step, 2) * step, self.length)
        shared = most // _OVERLAP
        more = -(-(self.length - most) // max((most - shared) // step * step, step))
        self.tile = min(-(-(self.length + more * shared) // (more + 1) // step) * step, most)
        """As small as with as few tiles as possible, in pixels."""
        rest = self.length - self.tile
        self.starts = [round(rest * number / max(more, 1) / step) * step for number in range(more + 1)]
        self._fade = max(self.tile // _OVERLAP // 2, 1)
        self._middles = [(before + self.tile + after) / 2 for before, after in pairwise(self.starts)]

    def share(self, number: int) -> Array:
        """How much of each pixel of a tile counts; all tiles over a pixel add up to 1."""
        places = np.arange(self.starts[number], self.starts[number] + self.tile) + 0.5
        begins = self._risen(places, self._middles[number - 1]) if number else np.ones(self.tile)
        last = number == len(self._middles)
        ends = np.zeros(self.tile) if last else self._risen(places, self._middles[number])
        return (begins - ends).astype(np.float32)

    def _risen(self, places: npt.NDArray[np.floating], middle: float) -> npt.NDArray[np.floating]:
        return np.clip((places - middle) / self._fade + 0.5, 0, 1)
