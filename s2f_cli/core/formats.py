"""The formats of image files: their suffixes, how they begin, and the packages that read the newer ones."""

import re
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from s2f_cli.core import heif, requirements
from s2f_cli.core.errors import ImageError

SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".bmp", ".dib", ".gif"}
    | {".heic", ".heif", ".hif", ".avif", ".jxl"}
    | {".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".tga", ".pcx", ".qoi"}
)
"""The suffixes of the files that are images for s2f."""
WRITABLE = SUFFIXES | {".svg"}
"""The suffixes by which a name of an output is that of an image file."""
UNREADABLE = frozenset(
    {".svg", ".eps", ".psd", ".xcf", ".exr", ".hdr", ".ico"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2", ".pef", ".srw", ".raw"}
)
"""Suffixes of images that s2f does not read."""
START = 16
"""How many bytes at the start of a file say its format."""

_NAMES = (
    *("PNG", "JPEG", "WEBP", "BMP", "DIB", "GIF", "HEIF", "AVIF", "JXL"),
    *("TIFF", "PPM", "JPEG2000", "QOI", "PCX", "TGA"),
)
"""Pillow's names of the formats, in the order in which they are tried."""
_SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_PRELOADED = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"BM")
"""How files begin that Pillow reads without loading all of its plugins."""
_HEIF = re.compile(rb".{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL)
_AVIF = re.compile(rb".{4}ftypavi[fs]", re.DOTALL)
_JPEG_XL = re.compile(rb"\xff\x0a|\0\0\0\x0cJXL ", re.DOTALL)


def looks_like_image(start: bytes) -> bool:
    """Whether a file with these first `START` bytes begins as an image of a usual format does."""
    if start.startswith(b"RIFF"):
        return start[8:12] == b"WEBP"
    if start.startswith(b"BM"):
        return start[6:10] == bytes(4)
    return start.startswith(_SIGNATURES) or any(kind.match(start) for kind in (_HEIF, _AVIF, _JPEG_XL))


def opened(source: Path | BinaryIO) -> Image.Image:
    """Open an image file or stream of one of the formats, without decoding it.

    Raises MissingPart if the package that reads the format is not installed, and every error of
    `PIL.Image.open`.
    """
    start = head(source, START)
    _load_reader(start)
    if _HEIF.match(start) and heif.has_broken_texts(source):
        raise UnidentifiedImageError("an item of the file is damaged")
    if start.startswith(_PRELOADED):
        Image.preinit()
    elif "TGA" not in Image.OPEN:
        Image.init()
    return Image.open(source, formats=[name for name in _NAMES if name in Image.OPEN])


def head(source: Path | BinaryIO, count: int) -> bytes:
    """The first bytes of a file or stream; none if it cannot be read."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return file.read(count)
        source.seek(0)
        start = source.read(count)
        source.seek(0)
        return start
    except (OSError, ValueError):
        return b""


def _load_reader(start: bytes) -> None:
    """Make Pillow read a format that a package reads, if a file begins with it."""
    if _HEIF.match(start):
        requirements.require("pi_heif").register_heif_opener()
    elif _JPEG_XL.match(start):
        requirements.require("pillow_jxl", "jxl")


def kind_of(suffix: str) -> str:
    """The name of the format that s2f writes to files with a suffix: `SVG`, or a format of Pillow.

    Raises MissingPart if it needs a package that is not installed, ImageError for an unknown suffix.
    """
    if suffix.lower() == ".svg":
        return "SVG"
    if suffix.lower() == ".jxl":
        requirements.require("pillow_jxl", "jxl")
    Image.preinit()
    if suffix.lower() not in Image.EXTENSION:
        Image.init()
    kind = Image.EXTENSION.get(suffix.lower(), "")
    if kind not in Image.SAVE:
        problem = f"no image format has the suffix {suffix!r}" if suffix else "its name has no suffix"
        raise ImageError(problem, "use .png")
    return kind
