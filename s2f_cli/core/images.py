"""Read, write and reshape images; convert them to arrays and back.

Files become Pillow images of mode `L` or `RGB`, and networks see float32 arrays (channels, height, width) in
[-1, 1]. Nothing here imports torch.
"""

import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from s2f_cli.core import cicp, formats, made_with, pixels, settings, vector
from s2f_cli.core.errors import ImageError, MissingPart, first_line
from s2f_cli.core.files import atomic_write
from s2f_cli.core.metadata import Metadata

Fit = Literal["crop", "squash"]
"""How an image of any shape becomes a square: cropped to its centre, or squashed, changing its aspect."""

MAX_PIXELS = settings.whole_number("S2F_MAX_PIXELS", 100_000_000)

Image.MAX_IMAGE_PIXELS = None  # read() refuses images above MAX_PIXELS before decoding them


def mode_of(channels: int) -> str:
    """The Pillow mode of an image with 1 (`L`) or 3 (`RGB`) channels."""
    return {1: "L", 3: "RGB"}[channels]


def read(source: Path | BinaryIO, name: str = "") -> Image.Image:
    """Read the main image of a file or stream: upright, 8-bit, of mode `L` or `RGB`, on white.

    The main image is the primary one of HEIF, the still one of a motion photo, else the first. EXIF
    orientation is applied, colours are converted to sRGB, 16-bit and float levels are scaled to 8 bits, alpha
    is composited on white, and other modes (CMYK, palette …) are converted; see `pixels.plain`.

    Raises ImageError naming the file, or `name`, if it is missing, unreadable, empty, truncated or not an
    image, or has more than MAX_PIXELS pixels (environment variable S2F_MAX_PIXELS).
    """
    with opened(source, name) as image:
        return pixels.decode(image)


@contextmanager
def opened(source: Path | BinaryIO, name: str = "") -> Iterator[Image.Image]:
    """Open a file or stream without decoding it; `info["cicp"]` are its code points, if it has any.

    Raises ImageError as `read`, also for errors of Pillow within the block.
    """
    label = name or (str(source) if isinstance(source, Path) else "the input stream")
    head = b""
    try:
        if isinstance(source, Path) and not (
            stat.S_ISREG(mode := source.stat().st_mode) or stat.S_ISDIR(mode)
        ):
            raise ImageError(
                f"{label} is a pipe or a device, not a file", "give it to standard input instead"
            )
        head = formats.head(source, cicp.HEAD)
        with formats.opened(source) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise ImageError(
                    f"{label} has {width}x{height} pixels, more than {MAX_PIXELS:,}",
                    "shrink it first, or set S2F_MAX_PIXELS to a larger number",
                )
            image.info["cicp"] = cicp.code_points(image, head)
            yield image
    except ImageError:
        raise
    except MissingPart as missing:
        raise ImageError(f"{label} cannot be read: {missing.message}", missing.hint) from None
    except FileNotFoundError:
        raise ImageError(f"there is no file {label}", "check the path") from None
    except IsADirectoryError:
        raise ImageError(f"{label} is a folder, not an image", "name a file") from None
    except PermissionError:
        raise ImageError(f"{label} is not readable", "check the permissions of the file") from None
    except UnidentifiedImageError:
        if formats.looks_like_image(head[: formats.START]):
            raise ImageError(
                f"{label} is damaged, or an image of a rare kind that s2f cannot read", "save it as PNG"
            ) from None
        if not head:
            raise ImageError(f"{label} is empty", "replace the file or leave it out") from None
        known = ", ".join(sorted(suffix[1:] for suffix in formats.SUFFIXES))
        raise ImageError(f"{label} is not an image", f"s2f reads {known}") from None
    except Exception as problem:  # Pillow's decoders raise many kinds for damaged files
        raise ImageError(
            f"{label} is truncated or damaged ({first_line(problem)})", "replace the file or leave it out"
        ) from None


def normalise(image: Image.Image) -> Image.Image:
    """Convert an image in memory as `read` converts files: upright, sRGB, 8-bit, mode `L` or `RGB`.

    Returns the image itself if nothing has to change.
    """
    return pixels.plain(image)


def write(
    image: Image.Image, path: Path, flush: bool = True, note: str = "", metadata: Metadata | None = None
) -> None:
    """Write an image to a file atomically, in the format of its suffix; for `flush` see `files.atomic_file`.

    The file holds the note (`core.made_with`) and the metadata, if its format can (`metadata.KINDS`).

    Raises ImageError for an unknown suffix, MissingPart if the suffix needs an extra, S2FError if the file
    cannot be written.
    """
    try:
        kind = formats.kind_of(path.suffix)
    except ImageError as unknown:
        raise ImageError(f"cannot write {path}: {unknown.message}", unknown.hint) from None
    try:
        content = encode(image, kind, note, metadata)
    except (ValueError, OSError) as problem:
        raise ImageError(
            f"cannot write {path}: {kind} cannot hold it ({problem})", "choose another format, such as .png"
        ) from None
    atomic_write(path, content, flush)


def encode(image: Image.Image, kind: str = "PNG", note: str = "", metadata: Metadata | None = None) -> bytes:
    """Encode an image as `formats.kind_of` names it: JPEG and WebP at quality 95, PNG at zlib's lowest level.

    The same image, note and metadata give the same bytes.

    zlib's run-length strategy writes PNGs of photos and drawings up to a third faster than its default
    strategy, and they are smaller.
    """
    options = {
        "PNG": {"compress_level": 1, "compress_type": zlib.Z_RLE},
        "JPEG": {"quality": 95},
        "WEBP": {"quality": 95},
    }
    metadata, properties = metadata or Metadata(), made_with.properties(note)
    if kind == "SVG":
        return vector.svg(image, {**metadata.properties, **properties}).encode()
    buffer = io.BytesIO()
    image, described = metadata.prepared(image, kind, properties)
    image.save(buffer, kind, **options.get(kind, {}), **described)
    return buffer.getvalue()


def to_array(image: Image.Image, channels: int) -> npt.NDArray[np.float32]:
    """Convert an image to float32 (channels, height, width) in [-1, 1]; `channels` is 1 (luma) or 3."""
    levels = to_bytes(image, channels).astype(np.float32)
    return levels / 127.5 - 1.0


def to_bytes(image: Image.Image, channels: int) -> npt.NDArray[np.uint8]:
    """Convert an image to uint8 (channels, height, width); `channels` is 1 (luma) or 3."""
    levels = np.asarray(image.convert(mode_of(channels)))
    return np.ascontiguousarray(levels[None] if channels == 1 else levels.transpose(2, 0, 1))


def from_array(array: npt.NDArray[np.float32]) -> Image.Image:
    """Convert an array (1 or 3, height, width) to an image; clips values to [-1, 1] and maps NaN to black."""
    levels = np.nan_to_num((array + 1.0) * 127.5, nan=0.0).clip(0, 255).round().astype(np.uint8)
    return Image.fromarray(levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0))


def fit(image: Image.Image, size: int, how: Fit) -> Image.Image:
    """Resize an image to a square of `size` pixels: its centre (`crop`), or all of it (`squash`)."""
    if how == "crop":
        return ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    return image.resize((size, size), Image.Resampling.BICUBIC)


def short_side_size(size: tuple[int, int], short: int) -> tuple[int, int]:
    """Scale a (width, height) in pixels so that the short side is `short` pixels."""
    scale = short / min(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def resize_short_side(image: Image.Image, size: int) -> Image.Image:
    """Resize an image so that its short side is `size` pixels, keeping its aspect."""
    shape = short_side_size(image.size, size)
    return image.resize(shape, Image.Resampling.BICUBIC) if shape != image.size else image
