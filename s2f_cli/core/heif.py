"""Damage in HEIF files that ends the process of libheif's Python package.

It takes the types and names of items for UTF-8, and crashes where they are not. The boxes are those of
ISO/IEC 14496-12, sections 4.2, 8.11.1 and 8.11.6.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_FULL = 4
"""Bytes of the version and the flags of a box."""
_LONGEST = 1 << 24


def has_broken_texts(source: Path | BinaryIO) -> bool:
    """Whether a text about an item of a HEIF file is not UTF-8."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _has_broken_texts(file)
    position = source.tell()
    try:
        return _has_broken_texts(source)
    finally:
        source.seek(position)


def _has_broken_texts(file: BinaryIO) -> bool:
    for meta in _boxes(file, b"meta"):
        for items in _boxes(io.BytesIO(meta[_FULL:]), b"iinf"):
            count = 2 if items[:1] == b"\0" else 4
            for item in _boxes(io.BytesIO(items[_FULL + count :]), b"infe"):
                number = 4 if item[:1] == b"\3" else 2
                try:
                    item[_FULL + number + 2 :].decode()
                except UnicodeDecodeError:
                    return True
    return False


def _boxes(file: BinaryIO, kind: bytes) -> Iterator[bytes]:
    """Yield the contents of the boxes of a kind, as far as they are not damaged."""
    position = 0
    with suppress(OSError, ValueError):
        while True:
            file.seek(position)
            head = file.read(16)
            length, start = int.from_bytes(head[:4], "big"), 8
            if length == 1:
                length, start = int.from_bytes(head[8:], "big"), 16
            if len(head) < 8 or (length and length < start):
                return
            if head[4:8] == kind:
                file.seek(position + start)
                yield file.read(min(length - start if length else _LONGEST, _LONGEST))
            if not length:  # the last box, up to the end of the file
                return
            position += length
