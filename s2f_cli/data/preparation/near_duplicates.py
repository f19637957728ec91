"""Finds images that differ only in size, quality or colour.

Two images are near duplicates when their 16×16 gray thumbnails correlate by SAME or more. Measured on the
CUHK students, CUFSF, LFW and CelebA: images of different people stay below 0.97; an image saved again as JPEG
at quality 50, at half the size or in gray stays above 0.998.
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


class Thumbnails(Protocol):
    """n distinct thumbnails with contrast, indexed as an array of uint8 (n, side²)."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice | npt.NDArray[np.intp], /) -> npt.NDArray[np.uint8]: ...


def find_pairs(thumbnails: Thumbnails) -> Iterator[tuple[int, int]]:
    """Yield every pair of row numbers whose thumbnails correlate by SAME or more, once.

    Between thumbnails of zero mean and unit length a correlation of c is a distance of √(2 - 2c). A
    projection never lengthens a distance, so pairs that are far apart on the principal axes of the set need
    no comparison, and near pairs are close together in the order of the first axis. Holds 16 half-precision
    numbers per thumbnail, and at most _SAMPLE thumbnails.
    """
    if len(thumbnails) < 2:
        return
    sample = _normalised(thumbnails[:: max(len(thumbnails) // _SAMPLE, 1)])
    axes = np.linalg.eigh(np.cov(sample, rowvar=False))[1][:, : -_AXES - 1 : -1].astype(np.float32)
    projected = np.empty((len(thumbnails), _AXES), np.float16)
    for start in range(0, len(projected), _SAMPLE):
        block = slice(start, start + _SAMPLE)
        projected[block] = _normalised(thumbnails[block]) @ axes
    order = np.argsort(projected[:, 0], kind="stable").astype(np.int32)
    projected = projected[order]
    for first, second in _candidates(projected, np.sqrt(2 - 2 * SAME) + _ROUNDING):
        needed, positions = np.unique(order[np.concatenate([first, second])], return_inverse=True)
        units = _normalised(thumbnails[needed])[positions]
        same = np.einsum("ij,ij->i", units[: len(first)], units[len(first) :]) >= SAME
        yield from zip(order[first[same]].tolist(), order[second[same]].tolist(), strict=True)


def _candidates(
    projected: npt.NDArray[np.float16], reach: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Blocks of pairs of rows that are less than `reach` apart; the rows ascend in their first number.

    One matrix product gives |a|² - reach² - 2a·b + |b|² for a tile of rows.
    """
    buffer = np.empty((_ROWS, _COLUMNS), np.float32)
    for top in range(0, len(projected), _ROWS):
        rows = projected[top : top + _ROWS].astype(np.float32)
        end = int(np.searchsorted(projected[:, 0], rows[-1, 0] + np.float32(reach), side="right"))
        left = np.hstack([-2 * rows, np.ones_like(rows[:, :1]), _squares(rows) - np.float32(reach**2)])
        for start in range(top, end, _COLUMNS):
            columns = projected[start : min(start + _COLUMNS, end)].astype(np.float32)
            right = np.hstack([columns, _squares(columns), np.ones_like(columns[:, :1])])
            excess = np.matmul(left, right.T, out=buffer[: len(rows), : len(columns)])
            first, second = np.divmod(np.flatnonzero(excess < 0), len(columns))
            later = second + start > first + top
            if later.any():
                yield first[later] + top, second[later] + start


def _squares(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.einsum("ij,ij->i", rows, rows)[:, None]


def _normalised(thumbnails: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The rows with zero mean and unit length."""
    centred = thumbnails.astype(np.float32) - thumbnails.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = centred / np.maximum(length, 1e-6)
    return unit
