"""Images of any kind as plain pixels: upright, sRGB, 8 bits, gray or RGB, on white."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from s2f_cli.core import jpeg2000
from s2f_cli.core.colour_profiles import applied, to_srgb, tone_of
from s2f_cli.core.samples import DEEP, XMP, Samples, first_number, tag_of

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(opened: Image.Image) -> Image.Image:
    """Load the first image of an opened file as plain pixels, without metadata."""
    samples = Samples.of(opened)
    if opened.format == "TIFF":
        tags: Any = getattr(opened, "tag_v2", {})
        if not isinstance(tag_of(tags, XMP) or b"", bytes):
            del tags[XMP]  # Pillow looks for an orientation in it, and expects bytes
    if opened.format == "JPEG2000":
        opened = jpeg2000.scaled(opened)
    opened.load()
    image = plain(opened, samples)
    if image is opened:
        image = opened.copy()
    image.info = {}
    return image


def plain(image: Image.Image, samples: Samples | None = None) -> Image.Image:
    """An image as plain pixels, of mode `L` or `RGB`; the image itself if nothing has to change.

    EXIF orientation is applied, colours are converted to sRGB by the ICC profile, the code points
    (`info["cicp"]`) or the gamma of the image, deep levels are scaled to 8 bits, alpha and transparent
    colours are composited on white. Metadata that is broken counts as missing.
    """
    samples = samples or Samples()
    turn = _TURNS.get(orientation(image))
    info = image.info
    colour, alpha = _deep(image, samples) if image.mode in DEEP else _shallow(image, samples)
    if image.mode not in DEEP:
        colour = to_srgb(colour, info)
    if alpha is not None:
        over = colour.convert("RGB")
        over.putalpha(alpha)
        ground = Image.new("RGBA", over.size, "white")
        colour = Image.alpha_composite(ground, over).convert(colour.mode)
    return colour if turn is None else colour.transpose(turn)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 if there is none or it is broken."""
    try:
        value = first_number(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # Pillow's parsers of EXIF and XMP raise many kinds
        return 1
    return value if value in _TURNS else 1


def _deep(image: Image.Image, samples: Samples) -> tuple[Image.Image, Image.Image | None]:
    """The levels of an image of integers or floats, in sRGB and 8 bits, and its alpha."""
    raw = np.asarray(image)
    levels = np.nan_to_num(raw.astype(np.float64), nan=0.0, posinf=np.inf, neginf=0.0)
    if image.mode == "I" and samples.bits == 32 and not samples.signed:
        levels = levels % 2**32
    finite = levels[np.isfinite(levels)]
    full = _full_scale(image.mode, float(finite.max(initial=0.0)), samples)
    shares = np.clip(levels / full, 0, 1)
    if samples.inverted:
        shares = 1 - shares
    tone = tone_of(image.info)
    eight = Image.fromarray((applied(tone, shares) * 255).round().astype(np.uint8))
    key = first_number(image.info.get("transparency"))
    return eight, None if key is None else _mask(raw != key)


def _full_scale(mode: str, peak: float, samples: Samples) -> float:
    """The level of white; if it is not known, the smallest usual one that `peak` does not exceed."""
    if mode == "F":
        usual = (1.0, 255.0, 65535.0)
        return 1.0 if samples.unit else next((full for full in usual if peak <= full), 65535.0)
    if 0 < samples.bits <= 16:
        return float(2 ** (samples.bits - samples.signed) - 1)
    if mode.startswith("I;16"):
        return 65535.0
    return next((full for full in (255.0, 65535.0) if peak <= full), 2.0 ** (32 - samples.signed) - 1)


def _shallow(image: Image.Image, samples: Samples) -> tuple[Image.Image, Image.Image | None]:
    """An image of mode L, RGB, CMYK or LAB with the same colours, and its alpha."""
    key = image.info.get("transparency")
    mode = {"P": "RGB" if key is None else "RGBA", "PA": "RGBA", "La": "LA", "RGBa": "RGBA"}.get(image.mode)
    if mode is not None:
        image = image.convert(mode)
    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), image.getchannel("A")
    if image.mode in ("1", "L"):
        gray = image.convert("L")
        level = first_number(key)
        if level is None:
            return (gray if image.mode == "1" else image), None
        if 0 < samples.bits < 8:
            level = level * 255 // (2**samples.bits - 1)
        return gray, _mask(np.asarray(gray) != level)
    if image.mode == "RGB" and isinstance(key, tuple) and len(key) == 3:
        shift = 8 if samples.bits == 16 else 0
        colour = np.array([level >> shift for level in key])
        return image, _mask((np.asarray(image) != colour).any(axis=2))
    return (image if image.mode in ("RGB", "CMYK", "LAB") else image.convert("RGB")), None


def _mask(opaque: npt.NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(opaque.astype(np.uint8) * 255)
