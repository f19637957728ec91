"""Pictures that are equal, or the same picture at another size, quality or colour.

Two pictures are near when their 16 × 16 gray thumbnails correlate by SAME or more. Measured on the CUHK
students, CUFSF, LFW and CelebA: pictures of different people stay below 0.97, and a picture saved again as
JPEG at quality 50, at half the size or in gray keeps above 0.998.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SAME = 0.985
_AXES = 16
_SAMPLE = 4096
_ROWS, _COLUMNS = 256, 1024
_ROUNDING = 1e-3


@dataclass(frozen=True)
class Pair:
    """The positions of two pictures that are duplicates, the first below the second."""

    first: int
    second: int
    equal: bool
    """Equal to the byte, not only near."""


def pairs(hashes: Sequence[str], thumbs: npt.NDArray[np.uint8]) -> Iterator[Pair]:
    """Duplicates among n pictures, from the hash of their bytes and their thumbnails (n, side²).

    Of k equal ones, k - 1 pairs are named, with the first of them. Thumbnails without contrast are compared
    by their hashes only.
    """
    first_of: dict[str, int] = {}
    unique = []
    for position, digest in enumerate(hashes):
        first = first_of.setdefault(digest, position)
        if first != position:
            yield Pair(first, position, equal=True)
        else:
            unique.append(position)
    _, inverse = np.unique(thumbs[unique], axis=0, return_inverse=True)
    distinct: dict[int, int] = {}
    for position, group in zip(unique, inverse.ravel().tolist(), strict=True):
        first = distinct.setdefault(group, position)
        if first != position and np.ptp(thumbs[position]):
            yield Pair(first, position, equal=False)
    yield from _near(thumbs, np.fromiter(distinct.values(), dtype=np.intp))


def _near(thumbs: npt.NDArray[np.uint8], positions: npt.NDArray[np.intp]) -> Iterator[Pair]:
    """Pairs of different thumbnails that correlate by SAME or more.

    For thumbnails of zero mean and unit length a correlation of c is a distance of √(2 - 2c). That distance
    never grows in a projection, so pairs that are far on the main axes of the set need no closer look, and
    in the order of the first axis those that are near stand close together.
    """
    positions = positions[np.ptp(thumbs[positions], axis=1) > 0] if len(positions) else positions
    if len(positions) < 2:
        return
    sample = _unit(thumbs[positions[:: max(len(positions) // _SAMPLE, 1)]])
    axes = np.linalg.eigh(np.cov(sample, rowvar=False))[1][:, : -_AXES - 1 : -1].astype(np.float32)
    parts = np.array_split(positions, len(positions) // _SAMPLE + 1)
    flat = np.concatenate([_unit(thumbs[part]) @ axes for part in parts])
    order = np.argsort(flat[:, 0], kind="stable")
    positions, flat = positions[order], flat[order]
    for one, other in _candidates(flat, np.sqrt(2 - 2 * SAME) + _ROUNDING):
        some, others = positions[one], positions[other]
        same = np.einsum("ij,ij->i", _unit(thumbs[some]), _unit(thumbs[others])) >= SAME
        for first, second in zip(some[same].tolist(), others[same].tolist(), strict=True):
            yield Pair(min(first, second), max(first, second), equal=False)


def _candidates(
    flat: npt.NDArray[np.float32], reach: float
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Rows of `flat`, ascending in their first number, that are less than `reach` apart; some at a time.

    One product of matrices gives |a|² - reach² - 2a·b + |b|² of a tile of rows.
    """
    squares = np.einsum("ij,ij->i", flat, flat)[:, None]
    ones = np.ones_like(squares)
    left = np.hstack([-2 * flat, ones, squares - np.float32(reach**2)])
    right = np.ascontiguousarray(np.hstack([flat, squares, ones]).T)
    room = np.empty((_ROWS, _COLUMNS), np.float32)
    for top in range(0, len(flat), _ROWS):
        rows = left[top : top + _ROWS]
        end = int(np.searchsorted(flat[:, 0], rows[-1, 0] / -2 + reach, side="right"))
        for start in range(top, end, _COLUMNS):
            columns = right[:, start : min(start + _COLUMNS, end)]
            apart = np.matmul(rows, columns, out=room[: len(rows), : columns.shape[1]])
            one, other = np.nonzero(apart < 0)
            later = other + start > one + top
            if later.any():
                yield one[later] + top, other[later] + start


def _unit(thumbs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    centred = thumbs.astype(np.float32) - thumbs.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = centred / np.maximum(length, 1e-6)
    return unit
