"""Images in unusual formats are translated like the plain RGB image of the same content."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

WIDTH, HEIGHT = 24, 16


def noise(mode: str = "RGB") -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (WIDTH, HEIGHT), np.random.default_rng(5).bytes(WIDTH * HEIGHT * bands))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(noise().transpose(Image.Transpose.ROTATE_90), exif=exif)


def animated(kind: str) -> bytes:
    white = Image.new("L", (WIDTH, HEIGHT), 255)
    return encoded(noise("L"), kind, save_all=True, append_images=[white], lossless=True)


def see_through() -> Image.Image:
    image = noise("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.uint8([0, 255, 128, 255]), (HEIGHT, WIDTH // 4))))
    return image


def on_white(image: Image.Image) -> Image.Image:
    color, alpha = (np.asarray(part, float) for part in (image.convert("RGB"), image.getchannel("A")))
    share = alpha[..., None] / 255
    return Image.fromarray((color * share + 255 * (1 - share)).round().astype(np.uint8))


def palette() -> Image.Image:
    return noise().quantize(16)


def palette_on_white() -> Image.Image:
    levels = np.asarray(palette().convert("RGB")).copy()
    levels[np.asarray(palette()) == 3] = 255
    return Image.fromarray(levels)


def sixteen_bit(kind: str) -> bytes:
    return encoded(Image.fromarray(np.asarray(noise("L"), np.uint16) * 257), kind)


def sixteen_bit_color() -> bytes:
    """A PNG written by hand, because Pillow cannot write 16-bit RGB."""
    levels = (np.asarray(noise(), np.uint16) * 257).astype(">u2")
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in levels))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def floats() -> bytes:
    return encoded(Image.fromarray(np.asarray(noise("L"), np.float32) / 255), "TIFF")


def broken_exif() -> bytes:
    """A turned JPEG whose EXIF holds a resolution as text, and one without."""
    up = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)
    entries = struct.pack("<2sHIH", b"II", 42, 8, 2) + up + struct.pack("<HHI4s", 0x11A, 2, 4, b"72\0\0")
    turned = noise("L").transpose(Image.Transpose.ROTATE_90)
    return encoded(turned, exif=b"Exif\0\0" + entries + b"\0" * 4)


def transparent_black(depth: int) -> bytes:
    """A gray PNG of 1 or 16 bits, its black transparent."""
    return encoded(noise("L").convert("1" if depth == 1 else "I;16"), transparency=0)


def black_on_white(depth: int) -> Image.Image:
    """Of 16 bits, the levels are so dark that 8 bits keep 0 and 1."""
    levels = np.asarray(noise("L").convert("1").convert("L") if depth == 1 else noise("L"))
    shown = levels if depth == 1 else (levels > 128).astype(np.uint8)
    return Image.fromarray(np.where(levels == 0, np.uint8(255), shown))


UNUSUAL: dict[str, tuple[str, Callable[[], bytes], Callable[[], Image.Image]]] = {
    "16-bit gray PNG": ("odd.png", lambda: sixteen_bit("PNG"), lambda: noise("L")),
    "16-bit gray TIFF": ("odd.tif", lambda: sixteen_bit("TIFF"), lambda: noise("L")),
    "16-bit colour PNG": ("odd.png", sixteen_bit_color, noise),
    "float TIFF": ("odd.tiff", floats, lambda: noise("L")),
    "CMYK": ("odd.tif", lambda: encoded(noise("CMYK"), "TIFF"), lambda: noise("CMYK").convert("RGB")),
    "palette PNG": ("odd.png", lambda: encoded(palette()), palette),
    "palette GIF": ("odd.gif", lambda: encoded(palette(), "GIF"), palette),
    "transparent palette": ("odd.png", lambda: encoded(palette(), transparency=3), palette_on_white),
    "gray": ("odd.png", lambda: encoded(noise("L")), lambda: noise("L")),
    "one bit": ("odd.png", lambda: encoded(noise("L").convert("1")), lambda: noise("L").convert("1")),
    "alpha": ("odd.png", lambda: encoded(see_through()), lambda: on_white(see_through())),
    "gray and alpha": (
        "odd.png",
        lambda: encoded(see_through().convert("LA")),
        lambda: on_white(see_through().convert("LA").convert("RGBA")),
    ),
    "animated GIF": ("odd.gif", lambda: animated("GIF"), lambda: noise("L")),
    "animated PNG": ("odd.png", lambda: animated("PNG"), lambda: noise("L")),
    "animated WebP": ("odd.webp", lambda: animated("WEBP"), lambda: noise("L")),
    "EXIF-rotated": ("odd.png", rotated, noise),
    "broken EXIF": ("odd.png", broken_exif, lambda: noise("L")),
    "transparent black, 1 bit": ("odd.png", lambda: transparent_black(1), lambda: black_on_white(1)),
    "transparent black, 16 bits": ("odd.png", lambda: transparent_black(16), lambda: black_on_white(16)),
    "dark PGM of 16 bits": (
        "odd.pgm",
        lambda: b"P5 %d %d 65535\n" % (WIDTH, HEIGHT) + np.asarray(noise("L")).astype(">u2").tobytes(),
        lambda: Image.fromarray((np.asarray(noise("L")) > 128).astype(np.uint8)),
    ),
    "wrong extension": ("odd.png", lambda: encoded(noise(), "BMP"), noise),
    "capital extension": ("odd.PNG", lambda: encoded(noise()), noise),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_an_unusual_image_is_translated_like_a_plain_one(kind: str, s2f, tiny_run: Path, here: Path) -> None:
    name, content, plain = UNUSUAL[kind]
    for folder in ("in", "plain"):
        Path(folder).mkdir()
    Path("in", name).write_bytes(content())
    plain().convert("RGB").save("plain/odd.png")
    for folder, target in (("in", "out"), ("plain", "expected")):
        result = s2f(
            "translate", "--to", "sketch", folder, "-o", target, "--model", tiny_run, "--device", "cpu"
        )
        assert result.code == 0, result.err
    with Image.open("out/odd.sketch.png") as unusual, Image.open("expected/odd.sketch.png") as expected:
        assert unusual.size == (WIDTH, HEIGHT)
        assert np.abs(np.asarray(unusual, int) - np.asarray(expected, int)).max() <= 1
