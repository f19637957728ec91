"""Run a network on images too large for it: in overlapping tiles, blended without seams.

Tiles start at multiples of the network's `multiple`, so its pooling grid is the same on a tile as on the
whole image. The outputs in a tile's margin, where its surroundings are missing, are discarded: a network
whose receptive field is no larger than the margin gives the same result with tiles as without.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core import images

Array = npt.NDArray[np.float32]

_OVERLAP = 4
"""Neighbours share about a quarter of a tile: they blend into each other over the middle half of it, and the
rest is margin."""


def run_tiled(
    network: Callable[[Array], Array],
    inputs: Sequence[tuple[Image.Image, int]],
    *,
    tile: int,
    multiple: int,
) -> Image.Image:
    """Run a network on images of one size, tile by tile, with one row of tiles in memory.

    `inputs` are images and their channels, 1 or 3. The network takes (1, C, height, width) in [-1, 1], with
    the channels of all images in order, and returns the same height and width. Both are multiples of
    `multiple`, and at most `tile` pixels, but at least twice `multiple`.
    """
    whole_width, whole_height = inputs[0][0].size
    columns, rows = (_Axis(length, tile, multiple) for length in (whole_width, whole_height))
    result: Image.Image | None = None
    band = np.zeros((1, rows.tile, columns.length), np.float32)
    for row, top in enumerate(rows.starts):
        for column, left in enumerate(columns.starts):
            box = left, top, min(left + columns.tile, whole_width), min(top + rows.tile, whole_height)
            crop = np.concatenate([images.to_array(image.crop(box), count) for image, count in inputs])
            padding = (0, 0), (0, rows.tile - crop.shape[1]), (0, columns.tile - crop.shape[2])
            output = network(np.pad(crop, padding, mode="edge")[None])[0]
            if len(band) != len(output):
                band = np.zeros((len(output), *band.shape[1:]), np.float32)
            weights = rows.weights(row)[:, None] * columns.weights(column)
            band[:, :, left : left + columns.tile] += output * weights
        finished = rows.starts[row + 1] - top if row + 1 < len(rows.starts) else whole_height - top
        strip = images.from_array(band[:, :finished, :whole_width])
        result = result or Image.new(strip.mode, (whole_width, whole_height))
        result.paste(strip, (0, top))
        band[:, :-finished] = band[:, finished:]
        band[:, -finished:] = 0
    assert result is not None
    return result


class _Axis:
    """The tiles along the width or the height of an image."""

    def __init__(self, length: int, tile: int, multiple: int) -> None:
        self.length = -(-length // multiple) * multiple
        """Length in pixels, padded to a multiple of `multiple`."""
        longest = min(max(tile // multiple, 2) * multiple, self.length)
        overlap = longest // _OVERLAP
        extra = -(-(self.length - longest) // max((longest - overlap) // multiple * multiple, multiple))
        self.tile = min(-(-(self.length + extra * overlap) // (extra + 1) // multiple) * multiple, longest)
        """Length of a tile in pixels: as short as it can be with the fewest tiles."""
        rest = self.length - self.tile
        self.starts = [
            round(rest * index / max(extra, 1) / multiple) * multiple for index in range(extra + 1)
        ]
        self._fade = max(self.tile // _OVERLAP // 2, 1)
        self._middles = [(before + self.tile + after) / 2 for before, after in pairwise(self.starts)]
        """Positions at which two neighbouring tiles have equal weight."""

    def weights(self, index: int) -> Array:
        """The weight of each pixel of a tile; those of all tiles over a pixel add up to 1."""
        positions = np.arange(self.starts[index], self.starts[index] + self.tile) + 0.5
        rise = self._ramp(positions, self._middles[index - 1]) if index else np.ones(self.tile)
        is_last = index == len(self._middles)
        fall = np.zeros(self.tile) if is_last else self._ramp(positions, self._middles[index])
        return (rise - fall).astype(np.float32)

    def _ramp(self, positions: npt.NDArray[np.floating], middle: float) -> npt.NDArray[np.floating]:
        """Rise from 0 to 1 around the middle between two tiles."""
        return np.clip((positions - middle) / self._fade + 0.5, 0, 1)
