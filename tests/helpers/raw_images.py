"""Image files written byte by byte: depths, colour types and profiles that Pillow does not write."""

import struct
import zlib

import numpy as np

WIDTH, HEIGHT = 32, 8


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(levels: np.ndarray, depth: int, kind: int, extra: bytes = b"") -> bytes:
    """A PNG of levels (H, W, channels) of any depth and colour type, with more chunks before the pixels."""
    height, width = levels.shape[:2]
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in levels]
    elif depth == 8:
        rows = [row.astype(np.uint8).tobytes() for row in levels]
    else:
        bits = np.unpackbits(levels.astype(np.uint8).reshape(height, -1, 1), axis=2)[..., 8 - depth :]
        rows = [np.packbits(row.reshape(-1)).tobytes() for row in bits]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def tiff(levels: np.ndarray, bits: int, photometric: int, order: str) -> bytes:
    """An uncompressed TIFF of levels (H, W, channels) with 8, 12, 16 or 32 bits per sample."""
    height, width, channels = levels.shape
    if bits == 12:
        parts = np.unpackbits(levels.astype(">u2").view(np.uint8).reshape(height, -1, 2), axis=2)[..., 4:]
        data = b"".join(np.packbits(row.reshape(-1)).tobytes() for row in parts)
    else:
        data = levels.astype(f"{order}u{bits // 8}").tobytes()
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, bits),
        (259, 3, 1),
        (262, 3, photometric),
        (273, 4, 0),
        (277, 3, channels),
        (278, 4, height),
        (279, 4, len(data)),
        (284, 3, 1),
    ]
    start = 8 + 2 + 12 * len(entries) + 4
    out = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(entries))
    extra = b""
    if channels == 3:
        extra = struct.pack(f"{order}3H", bits, bits, bits)
    for tag, kind, value in entries:
        count = 1
        if tag == 258 and channels == 3:
            count, kind_value = 3, struct.pack(f"{order}I", start)
        elif tag == 273:
            kind_value = struct.pack(f"{order}I", start + len(extra))
        else:
            kind_value = struct.pack(
                f"{order}I" if kind == 4 else f"{order}HH", *((value,) if kind == 4 else (value, 0))
            )
        out += struct.pack(f"{order}HHI", tag, kind, count) + kind_value
    return out + struct.pack(f"{order}I", 0) + extra + data


def s15(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def profile(space: bytes, gamma: float, name: str = "sRGB look-alike", swap: bool = False) -> bytes:
    """An ICC profile with the primaries of sRGB, or with red and blue swapped, and a pure gamma."""
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    description += b"\0" * (-len(description) % 4)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(s15, values))

    tags = [(b"desc", description), (b"cprt", b"text\0\0\0\0none\0\0\0\0"), (b"wtpt", xyz(0.9642, 1, 0.8249))]
    if space == b"RGB ":
        red, blue = xyz(0.43607, 0.2225, 0.01393), xyz(0.14308, 0.06062, 0.71413)
        tags += [(b"rXYZ", blue if swap else red), (b"bXYZ", red if swap else blue)]
        tags += [(b"gXYZ", xyz(0.38506, 0.71688, 0.0971))]
        tags += [(key, curve) for key in (b"rTRC", b"gTRC", b"bTRC")]
    else:
        tags += [(b"kTRC", curve)]
    place, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for key, data in tags:
        table += key + struct.pack(">II", place + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s6H4s",
        place + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ", 2024, 1, 1, 0, 0, 0, b"acsp",
    )  # fmt: skip
    head = head.ljust(68, b"\0") + s15(0.9642) + s15(1) + s15(0.8249)
    return head.ljust(128, b"\0") + table + body


def exif(value: int, kind: int = 3) -> bytes:
    data = struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value)
    return struct.pack("<2sHIHHHI", b"II", 42, 8, 1, 0x112, kind, 1) + data + struct.pack("<I", 0)


def ramp(channels: int, top: int) -> np.ndarray:
    """Levels (H, W, channels) from 0 to `top`, different in each channel, row and column."""
    steps = np.arange(HEIGHT * WIDTH * channels) * 37 % (HEIGHT * WIDTH)
    return (steps * top // (HEIGHT * WIDTH - 1)).reshape(HEIGHT, WIDTH, channels)


def iccp(data: bytes) -> bytes:
    return chunk(b"iCCP", b"p\0\0" + zlib.compress(data))
