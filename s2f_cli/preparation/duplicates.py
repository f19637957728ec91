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
    never grows in a projection, so pairs that are far on the main axes of the set need no closer look.
    """
    from scipy.spatial import KDTree

    positions = positions[np.ptp(thumbs[positions], axis=1) > 0] if len(positions) else positions
    if len(positions) < 2:
        return
    sample = _unit(thumbs[positions[:: max(len(positions) // _SAMPLE, 1)]])
    axes = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)[2][:_AXES].T
    flat = np.concatenate(
        [_unit(thumbs[part]) @ axes for part in np.array_split(positions, _parts(positions))]
    )
    reach = np.sqrt(2 - 2 * SAME)
    for one, other in sorted(KDTree(flat).query_pairs(reach)):
        first, second = sorted((int(positions[one]), int(positions[other])))
        both = _unit(thumbs[[first, second]])
        if both[0] @ both[1] >= SAME:
            yield Pair(first, second, equal=False)


def _parts(positions: npt.NDArray[np.intp]) -> int:
    return len(positions) // _SAMPLE + 1


def _unit(thumbs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    centred = thumbs.astype(np.float32) - thumbs.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = centred / np.maximum(length, 1e-6)
    return unit
