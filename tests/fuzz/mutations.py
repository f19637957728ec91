"""Damage to files: bytes, words and JSON values replaced, left out, repeated and swapped."""

import json
import random
import re
import struct
import zlib
from collections.abc import Sequence
from typing import Any

_NUMBERS = (0, 1, 2, 7, 8, 9, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**63, 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan")),
    *("", "0", "nan", "../x", "/", "a" * 300, "é", "e\u0301", "\ud800", "\x00", "\n", "-", "face"),
    *([], {}, [[]], [None], [1, 2], {"part": "unet"}, {"part": 1}, {"": {}}, {"value": None}),
)
_WORDS = (
    *(
        b"",
        b"0",
        b"-1",
        b"1e999",
        b"nan",
        b"inf",
        b"true",
        b'""',
        b"[]",
        b"{}",
        b"[[",
        b'"',
        b"'",
        b"\\",
        b"=",
    ),
    *(b"\xff", b"\x00", b"\r", b"\n\n", b",", b"9" * 5000, b"a" * 70000, b"[" * 3000, b"2020-01-01", b"0x10"),
    *(b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"../..", b"C:\\x", b"\xed\xa0\x80", b"1_0", b"/dev/null"),
)


def damaged(data: bytes, others: Sequence[bytes], rng: random.Random, *, text: bool = False) -> bytes:
    """A copy of a file with up to eight changes; `others` are files of its kind to take parts from."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        if text and rng.random() < 0.7:
            changed = bytearray(_word_replaced(bytes(changed), rng))
        else:
            _change(changed, others, rng)
    return bytes(changed)


def _change(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(data) + 1)
    if rng.random() < 0.5:  # the start of a file says most about it
        start = min(start, rng.randrange(300))
    end = min(start + rng.choice((1, 2, 4, 8, 64, 1024)), len(data))
    match rng.randrange(8):
        case 0 if start < len(data):
            data[start] ^= 1 << rng.randrange(8)
        case 1:
            form = rng.choice((">B", "<H", ">H", "<I", ">I"))
            size = struct.calcsize(form)
            data[start : start + size] = struct.pack(form, rng.choice(_NUMBERS) % 256**size)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end]
        case 4:
            del data[start:]
        case 5:
            data[start:end] = rng.randbytes(end - start)
        case 6:
            other = rng.choice(others)
            at = rng.randrange(len(other) + 1)
            data[start:end] = other[at : at + rng.choice((1, 4, 64, 1024))]
        case _:
            data[start:end] = bytes(end - start)


def _word_replaced(data: bytes, rng: random.Random) -> bytes:
    words = list(re.finditer(rb"[\w.+-]+|[^\w\s]", data))
    if not words:
        return data + rng.choice(_WORDS)
    word = rng.choice(words)
    new = rng.choice(words)[0] if rng.random() < 0.3 else rng.choice(_WORDS)
    return data[: word.start()] + new + data[word.end() :]


def other_value(document: Any, rng: random.Random) -> Any:
    """A JSON document with one of its values replaced, left out or added, at any depth."""
    if rng.random() < 0.05 or not isinstance(document, dict | list) or not document:
        return rng.choice(_VALUES)
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    key = rng.choice(list(copy)) if isinstance(copy, dict) else rng.randrange(len(copy))
    match rng.randrange(12):
        case 0:
            del copy[key]
        case 1 if isinstance(copy, dict):
            copy[rng.choice(("", "x", "part", "a.b", "é", str(key) + "s"))] = rng.choice(_VALUES)
        case 1 | 2 if isinstance(copy, list):
            copy.append(rng.choice(copy))
        case _:
            copy[key] = other_value(copy[key], rng)
    return copy


def damaged_json(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A JSON document with other values, or with damaged text."""
    if rng.random() < 0.3:
        return damaged(data, others, rng, text=True)
    document = json.loads(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        document = other_value(document, rng)
    return json.dumps(document).encode()


def with_valid_checksums(png: bytes) -> bytes:
    """A damaged PNG with the checksums of its chunks corrected, so that readers look at their content."""
    fixed, at = png[:8], 8
    while at + 12 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        body = png[at + 4 : at + 8 + length]
        fixed += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return fixed + png[at:]
