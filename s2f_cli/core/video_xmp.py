"""XMP packets in video files.

MP4 and MOV hold one in a box `uuid` of their top level (Adobe's XMP specification, part 3), Matroska and WebM
in a tag.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

_BOXES = frozenset({".3gp", ".m4v", ".mov", ".mp4"})
_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_TAG = "XMP"
_LONGEST = 1 << 20


def put_tag(container: Any, file: Path, packet: bytes) -> None:
    """Put a packet into a Matroska or WebM file that PyAV writes, before its first frame."""
    if packet and file.suffix.lower() not in _BOXES:
        container.metadata[_TAG] = packet.decode()


def append_box(written: Path, target: Path, packet: bytes) -> None:
    """Append a packet to a complete file that will have the name `target`, if it is an MP4 or MOV."""
    if packet and target.suffix.lower() in _BOXES:
        with written.open("ab") as file:
            file.write(struct.pack(">I4s", 24 + len(packet), b"uuid") + _UUID + packet)


def read(file: Path) -> bytes:
    """The packet in a video; empty if there is none. Raises OSError, and ImageError if it is no video."""
    if file.suffix.lower() in _BOXES:
        with file.open("rb") as opened:
            return next(_packets(opened), b"")
    from s2f_cli.core import video

    with video.opened(file) as (container, _):
        return str(container.metadata.get(_TAG, "")).encode()


def _packets(file: BinaryIO) -> Iterator[bytes]:
    """The packets in the boxes of an MP4's top level; stops where a box is broken."""
    position = 0
    with suppress(struct.error):
        while True:
            file.seek(position)
            length, kind = struct.unpack(">I4s", file.read(8))
            header = 8
            if length == 1:
                (length,), header = struct.unpack(">Q", file.read(8)), 16
            if length < header:  # 0: the last box, up to the end
                return
            if kind == b"uuid" and length < _LONGEST and file.read(16) == _UUID:
                yield file.read(length - header - 16)
            position += length
