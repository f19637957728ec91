"""Samples of JPEG 2000 that Pillow does not scale to 8 bits, or scales wrongly.

Pillow shifts samples of fewer than 8 bits to the left, so that white is too dark. In images with several
components of more than 8 bits, it rounds the brightest levels up to 256, which it stores as 0.

Marker segments are those of ISO/IEC 15444-1, annex A.
"""

import io
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

_SIZ, _COD, _SOT = b"\xff\x51", 0x52, 0x90
_START = b"\xff\x4f" + _SIZ
_COUNT, _COMPONENTS, _STRIDE = 38, 40, 3
"""In the segment SIZ: the offsets of the number of components and of the first one, and the bytes of each."""
_TRANSFORM = 13
"""The offset of the wavelet transform in the segment COD."""
_REVERSIBLE = 1


@dataclass(frozen=True)
class _Header:
    position: int
    """Where the segment SIZ begins."""
    depths: tuple[int, ...]
    """Bits per sample of each component."""
    reversible: bool
    """Whether the wavelet transform is the one of integers."""


def scaled(opened: Image.Image) -> Image.Image:
    """An opened JPEG 2000 with all its samples in 8 bits; itself if nothing has to be corrected.

    Gray images of more than 8 bits are left as they are.
    """
    stream = getattr(opened, "fp", None)
    if stream is None:
        return opened
    data = _content(stream)
    header = _header(data)
    if header is None or len(set(header.depths)) != 1:
        return opened
    (depth, *_), count = header.depths, len(header.depths)
    if depth < 8:
        return _stretched(opened, depth)
    if depth == 8 or count == 1:
        return opened
    claimed = min(depth + 1, 38) if header.reversible else 8
    corrected = Image.open(io.BytesIO(_claiming(data, header, claimed)), formats=["JPEG2000"])
    return _doubled(corrected) if header.reversible else corrected


def _content(stream: BinaryIO) -> bytes:
    position = stream.tell()
    stream.seek(0)
    data = stream.read()
    stream.seek(position)
    return data


def _header(data: bytes) -> _Header | None:
    """The depths and the transform; None if the header is damaged."""
    position = data.find(_START) + 2
    count = int.from_bytes(data[position + _COUNT : position + _COMPONENTS], "big")
    components = data[position + _COMPONENTS :][: _STRIDE * count : _STRIDE]
    if position < 2 or not count or len(components) < count:
        return None
    depths = tuple((component & 0x7F) + 1 for component in components)
    at = position
    while len(data) > at + _TRANSFORM and data[at] == 0xFF and data[at + 1] != _SOT:
        if data[at + 1] == _COD:
            return _Header(position, depths, data[at + _TRANSFORM] == _REVERSIBLE)
        at += 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
    return None


def _stretched(opened: Image.Image, depth: int) -> Image.Image:
    """Samples that Pillow has shifted to the left, from 0 to 255."""
    top = 2**depth - 1
    table = [(level >> (8 - depth)) * 255 // top for level in range(256)]
    return _kept(opened.point(table * len(opened.getbands())), opened)


def _claiming(data: bytes, header: _Header, depth: int) -> bytes:
    """The file with another depth in its header.

    The irreversible transform scales its samples to the depth that the header claims. The reversible one
    puts the middle level where that of the claimed depth is, so that a claim of one bit more leaves a
    quarter of the levels unused at both ends: no sample is rounded out of its range.
    """
    changed = bytearray(data)
    first = header.position + _COMPONENTS
    for at in range(first, first + _STRIDE * len(header.depths), _STRIDE):
        changed[at] = (changed[at] & 0x80) | (depth - 1)
    return bytes(changed)


def _doubled(corrected: Image.Image) -> Image.Image:
    """Levels from 64 to 192 as levels from 0 to 255."""
    table = [min(max(2 * (level - 64), 0), 255) for level in range(256)]
    return _kept(corrected.point(table * len(corrected.getbands())), corrected)


def _kept(image: Image.Image, opened: Image.Image) -> Image.Image:
    image.info = dict(opened.info)
    return image
