"""Read, write and reshape images; convert them to arrays and back.

Files become Pillow images of mode `L` or `RGB`, and networks see float32 arrays (channels, height, width) in
[-1, 1]. Nothing here imports torch.
"""

import io
import os
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_write

Fit = Literal["crop", "squash"]
"""How an image of any shape becomes a square: cropped to its centre, or squashed, changing its aspect."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".gif"})
try:
    MAX_PIXELS = int(os.environ.get("S2F_MAX_PIXELS", "100_000_000"))
except ValueError:
    raise ImageError(
        f"S2F_MAX_PIXELS={os.environ['S2F_MAX_PIXELS']} is not a whole number",
        "set it to a number of pixels, or unset it",
    ) from None

Image.MAX_IMAGE_PIXELS = None  # read() refuses images above MAX_PIXELS before decoding them

_WHITE = 255


def mode_of(channels: int) -> str:
    """The Pillow mode of an image with 1 (`L`) or 3 (`RGB`) channels."""
    return {1: "L", 3: "RGB"}[channels]


def find_images(folder: Path) -> list[Path]:
    """Find the files below `folder` with a suffix that s2f reads, sorted; hidden ones are skipped.

    Raises ImageError if the folder does not exist or has no such file.
    """
    if not folder.is_dir():
        raise ImageError(f"there is no folder {folder}", "check the path")
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in SUFFIXES
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]
    if not files:
        raise ImageError(
            f"{folder} holds no images", f"s2f reads files that end in {', '.join(sorted(SUFFIXES))}"
        )
    return files


def read(source: Path | BinaryIO, name: str = "") -> Image.Image:
    """Read the first image of a file or stream: upright, 8-bit, of mode `L` or `RGB`, on white.

    EXIF orientation is applied, colours are converted to sRGB, 16-bit and float levels are scaled to 8 bits,
    alpha is composited on white, and other modes (CMYK, palette …) are converted.

    Raises ImageError naming the file, or `name`, if it is missing, unreadable, empty, truncated or not an
    image, or has more than MAX_PIXELS pixels (environment variable S2F_MAX_PIXELS).
    """
    label = name or (str(source) if isinstance(source, Path) else "the input stream")
    try:
        with Image.open(source) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise ImageError(
                    f"{label} has {width}x{height} pixels, more than {MAX_PIXELS:,}",
                    "shrink it first, or set S2F_MAX_PIXELS to a larger number",
                )
            opened.load()
            ImageOps.exif_transpose(opened, in_place=True)
            return _eight_bit(_srgb(opened.copy() if opened.readonly else opened))
    except FileNotFoundError:
        raise ImageError(f"there is no file {label}", "check the path") from None
    except IsADirectoryError:
        raise ImageError(f"{label} is a folder, not an image", "name a file") from None
    except PermissionError:
        raise ImageError(f"{label} is not readable", "check the permissions of the file") from None
    except UnidentifiedImageError:
        empty = not (source.stat().st_size if isinstance(source, Path) else source.seek(0, os.SEEK_END))
        raise ImageError(
            f"{label} is {'empty' if empty else 'not an image'}",
            f"s2f reads {', '.join(sorted(s[1:] for s in SUFFIXES))}",
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        raise ImageError(
            f"{label} is truncated or damaged ({problem})", "replace the file or leave it out"
        ) from None


def normalise(image: Image.Image) -> Image.Image:
    """Convert an image in memory as `read` converts files: upright, sRGB, 8-bit, mode `L` or `RGB`.

    Returns the image itself if nothing has to change.
    """
    if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        image = ImageOps.exif_transpose(image)
    return _eight_bit(_srgb(image))


def _srgb(image: Image.Image) -> Image.Image:
    """Convert an image with another ICC profile to sRGB; return it unchanged if its profile is damaged."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _eight_bit(image: Image.Image) -> Image.Image:
    """Convert an image to mode `L` or `RGB`; returns the image itself if it has one of them."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N", "F"):
        levels = np.asarray(image).astype(np.float64)
        peak = float(levels.max(initial=0.0))
        full = 1.0 if image.mode == "F" and peak <= 1.0 else 255.0 if peak <= 255 else 65535.0
        if image.mode.startswith("I;16"):
            full = 65535.0
        scaled = np.clip(levels / full * 255.0, 0, 255).round().astype(np.uint8)
        return Image.fromarray(scaled)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or (
        image.mode in ("L", "RGB") and "transparency" in image.info
    ):
        gray = image.mode in ("LA", "La", "L")
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (_WHITE, _WHITE, _WHITE, _WHITE))
        return Image.alpha_composite(ground, rgba).convert("L" if gray else "RGB")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def write(image: Image.Image, path: Path, flush: bool = True) -> None:
    """Write an image to a file atomically, in the format of its suffix; for `flush` see `files.atomic_file`.

    Raises ImageError for an unknown suffix, S2FError if the file cannot be written.
    """
    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind not in Image.SAVE:
        raise ImageError(f"cannot write {path}: no image format has the suffix {path.suffix!r}", "use .png")
    try:
        content = encode(image, kind)
    except (ValueError, OSError) as problem:
        raise ImageError(
            f"cannot write {path}: {kind} cannot hold it ({problem})", "choose another format, such as .png"
        ) from None
    atomic_write(path, content, flush)


def encode(image: Image.Image, kind: str = "PNG") -> bytes:
    """Encode an image in a Pillow format: JPEG and WebP at quality 95, PNG at zlib's lowest level.

    zlib's run-length strategy writes PNGs of photos and drawings up to a third faster than its default
    strategy, and they are smaller.
    """
    options = {
        "PNG": {"compress_level": 1, "compress_type": zlib.Z_RLE},
        "JPEG": {"quality": 95},
        "WEBP": {"quality": 95},
    }
    buffer = io.BytesIO()
    image.save(buffer, kind, **options.get(kind, {}))
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
