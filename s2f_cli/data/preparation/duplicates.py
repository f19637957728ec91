"""Pictures that are equal, or the same picture at another size, quality or colour.

Two pictures are near when their 16 × 16 gray thumbnails correlate by SAME or more. Measured on the CUHK
students, CUFSF, LFW and CelebA: pictures of different people stay below 0.97, and a picture saved again as
JPEG at quality 50, at half the size or in gray keeps above 0.998.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

SAME = 0.985
_AXES = 16
_SAMPLE = 4096
_ROWS, _COLUMNS = 256, 1024
_ROUNDING = 3e-3


class Thumbs(Protocol):
    """n different thumbnails with contrast, as an array of bytes (n, side²) has them."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice | npt.NDArray[np.intp], /) -> npt.NDArray[np.uint8]: ...


def near(thumbs: Thumbs) -> Iterator[tuple[int, int]]:
    """Pairs of thumbnails that correlate by SAME or more, by their numbers, each pair once.

    For thumbnails of zero mean and unit length a correlation of c is a distance of √(2 - 2c). That distance
    never grows in a projection, so pairs that are far on the main axes of the set need no closer look, and
    in the order of the first axis those that are near stand close together. Holds 16 numbers of half
    precision for each thumbnail, and at most _SAMPLE thumbnails.
    """
    if len(thumbs) < 2:
        return
    sample = _unit(thumbs[:: max(len(thumbs) // _SAMPLE, 1)])
    axes = np.linalg.eigh(np.cov(sample, rowvar=False))[1][:, : -_AXES - 1 : -1].astype(np.float32)
    flat = np.empty((len(thumbs), _AXES), np.float16)
    for start in range(0, len(flat), _SAMPLE):
        some = slice(start, start + _SAMPLE)
        flat[some] = _unit(thumbs[some]) @ axes
    order = np.argsort(flat[:, 0], kind="stable").astype(np.int32)
    flat = flat[order]
    for one, other in _candidates(flat, np.sqrt(2 - 2 * SAME) + _ROUNDING):
        needed, place = np.unique(order[np.concatenate([one, other])], return_inverse=True)
        units = _unit(thumbs[needed])[place]
        same = np.einsum("ij,ij->i", units[: len(one)], units[len(one) :]) >= SAME
        yield from zip(order[one[same]].tolist(), order[other[same]].tolist(), strict=True)


def _candidates(
    flat: npt.NDArray[np.float16], reach: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Rows of `flat`, ascending in their first number, that are less than `reach` apart; some at a time.

    One product of matrices gives |a|² - reach² - 2a·b + |b|² of a tile of rows.
    """
    room = np.empty((_ROWS, _COLUMNS), np.float32)
    for top in range(0, len(flat), _ROWS):
        rows = flat[top : top + _ROWS].astype(np.float32)
        end = int(np.searchsorted(flat[:, 0], rows[-1, 0] + np.float32(reach), side="right"))
        left = np.hstack([-2 * rows, np.ones_like(rows[:, :1]), _squares(rows) - np.float32(reach**2)])
        for start in range(top, end, _COLUMNS):
            columns = flat[start : min(start + _COLUMNS, end)].astype(np.float32)
            right = np.hstack([columns, _squares(columns), np.ones_like(columns[:, :1])])
            apart = np.matmul(left, right.T, out=room[: len(rows), : len(columns)])
            one, other = np.divmod(np.flatnonzero(apart < 0), len(columns))
            later = other + start > one + top
            if later.any():
                yield one[later] + top, other[later] + start


def _squares(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.einsum("ij,ij->i", rows, rows)[:, None]


def _unit(thumbs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    centred = thumbs.astype(np.float32) - thumbs.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = centred / np.maximum(length, 1e-6)
    return unit
