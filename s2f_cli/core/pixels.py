"""Images of any kind as plain pixels: upright, sRGB, 8 bits, gray or RGB, on white."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, TiffImagePlugin

from s2f_cli.core import cicp

_Levels = npt.NDArray[np.float64]
_Tone = Callable[[_Levels], _Levels]
"""From levels in [0, 1] to levels of sRGB in [0, 1]."""

_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_RAW_BITS = {"1": 1, "L;2": 2, "L;4": 4, "I;16B": 16, "RGB;16B": 16}
"""Bits per sample of a PNG by the layout of its rows."""
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT, _XMP = 258, 262, 339, 700
"""Tags of TIFF."""
_SIGNED = 2
for _order, _white, _bits, _layout in (  # of gray TIFFs that Pillow can decode, and does not open
    (TiffImagePlugin.MM, 0, 16, ("I;16B", "I;16B")),
    (TiffImagePlugin.II, 0, 12, ("I;16", "I;12")),
    (TiffImagePlugin.MM, 0, 12, ("I;16", "I;12")),
    (TiffImagePlugin.MM, 1, 12, ("I;16", "I;12")),
    (TiffImagePlugin.II, 0, 32, ("I", "I;32N")),
    (TiffImagePlugin.MM, 0, 32, ("I", "I;32B")),
    (TiffImagePlugin.MM, 1, 32, ("I", "I;32B")),
):
    TiffImagePlugin.OPEN_INFO.setdefault((_order, _white, (1,), 1, (_bits,), ()), _layout)

_SRGB_GAMMA, _GAMMA_SLACK = 1 / 2.2, 0.01
_SAME = 2
"""A profile that changes no level by more than this is taken for sRGB."""
_GRID = 9
"""Levels of each channel that profiles are tried on."""


@dataclass(frozen=True)
class Samples:
    """How a file stores its samples, as far as the mode of its Pillow image does not say it."""

    bits: int = 0
    """Bits per sample; 0 if unknown."""
    signed: bool = False
    inverted: bool = False
    """Whether 0 is white, and Pillow has not inverted the levels."""
    unit: bool = False
    """Whether floats are in [0, 1]."""

    @classmethod
    def of(cls, opened: Image.Image) -> "Samples":
        """The samples of an opened file whose pixels are not loaded yet."""
        if opened.format == "PNG":
            tile = getattr(opened, "tile", None) or [("", (), 0, "")]
            return cls(_RAW_BITS.get(str(tile[0][3]), 8))
        if opened.format == "PPM":
            return cls(16 if opened.mode == "I" else 8, unit=True)
        if opened.format == "TIFF" and opened.mode in _DEEP:
            tags: Any = getattr(opened, "tag_v2", {})
            bits, signed = (_first(_tag(tags, tag)) for tag in (_BITS, _SAMPLE_FORMAT))
            inverted = opened.mode != "F" and _first(_tag(tags, _PHOTOMETRIC)) == 0
            return cls(bits or 0, signed == _SIGNED, inverted)
        return cls()


def decode(opened: Image.Image) -> Image.Image:
    """Load the first image of an opened file as plain pixels, without metadata."""
    samples = Samples.of(opened)
    if opened.format == "TIFF":
        tags: Any = getattr(opened, "tag_v2", {})
        if not isinstance(_tag(tags, _XMP) or b"", bytes):
            del tags[_XMP]  # Pillow looks for an orientation in it, and expects bytes
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
    colour, alpha = _deep(image, samples) if image.mode in _DEEP else _shallow(image, samples)
    if image.mode not in _DEEP:
        colour = _srgb(colour, info)
    if alpha is not None:
        over = colour.convert("RGB")
        over.putalpha(alpha)
        ground = Image.new("RGBA", over.size, "white")
        colour = Image.alpha_composite(ground, over).convert(colour.mode)
    return colour if turn is None else colour.transpose(turn)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 if there is none or it is broken."""
    try:
        value = _first(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # Pillow's parsers of EXIF and XMP raise many kinds
        return 1
    return value if value in _TURNS else 1


def _tag(tags: Any, tag: int) -> Any:
    try:
        return tags.get(tag)
    except Exception:  # as above
        return None


def _first(value: Any) -> int | None:
    """A number, or the first of several; None for anything else."""
    if isinstance(value, tuple | list) and value:
        value = value[0]
    return value if isinstance(value, int) else None


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
    tone = _tone(image.info)
    eight = Image.fromarray((_applied(tone, shares) * 255).round().astype(np.uint8))
    key = _first(image.info.get("transparency"))
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
        level = _first(key)
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


def _srgb(image: Image.Image, info: dict[Any, Any]) -> Image.Image:
    """An image of mode L, RGB, CMYK or LAB as sRGB, of mode L or RGB."""
    described = info.get("cicp")
    if described and image.mode in ("L", "RGB") and (described.is_hdr or not info.get("icc_profile")):
        image = cicp.to_srgb(image, described)
        if described.is_hdr:
            return image
    if image.mode in ("RGB", "CMYK"):
        transform = _transform(info.get("icc_profile"), image.mode)
        if transform is not None:
            converted: Image.Image = transform.apply(image)
            return converted
    if image.mode == "CMYK":
        return image.convert("RGB")
    if image.mode == "LAB":
        return _from_lab(image)
    tone = _tone(info, is_gray=image.mode == "L" or _is_gray(image, info))
    if tone is None:
        return image
    table = (_applied(tone, np.arange(256) / 255) * 255).round().astype(int).tolist()
    return image.point(table * len(image.getbands()))


def _is_gray(image: Image.Image, info: dict[Any, Any]) -> bool:
    """Whether an RGB image with a profile has only grays."""
    if not info.get("icc_profile"):
        return False
    red, green, blue = (band.tobytes() for band in image.split())
    return red == green == blue


def _applied(tone: _Tone | None, shares: _Levels) -> _Levels:
    return shares if tone is None else np.clip(tone(shares), 0, 1)


def _tone(info: dict[Any, Any], *, is_gray: bool = True) -> _Tone | None:
    """How the grays of an image become those of sRGB; None if they are those of sRGB.

    A profile counts only if `is_gray`, as that of an RGB image changes its hues too. A gamma near that of
    sRGB is meant for it.
    """
    profile, gamma = info.get("icc_profile"), info.get("gamma")
    if profile:
        curve = _curve(profile) if is_gray else None
        if curve is None:
            return None
        return lambda shares: np.interp(shares * 255, np.arange(256), curve) / 255
    if not isinstance(gamma, int | float) or "srgb" in info or not 0.1 <= gamma <= 10:
        return None
    if abs(gamma - _SRGB_GAMMA) < _GAMMA_SLACK:
        return None
    return lambda shares: _encode(shares ** (1 / gamma))


def _encode(light: _Levels) -> _Levels:
    """Linear light in [0, 1] as levels of sRGB: IEC 61966-2-1, section 5.2."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=16)
def _curve(profile: bytes) -> tuple[int, ...] | None:
    """The sRGB level of each gray level of a profile of gray or RGB; None if it is sRGB, or broken."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    for mode in ("L", "RGB"):
        transform = _built(profile, mode)
        if transform is not None:
            levels = np.asarray(transform.apply(ramp.convert(mode)).convert("L"))[0]
            changed = np.abs(levels.astype(int) - np.arange(256)).max() > _SAME
            return tuple(levels.tolist()) if changed else None
    return None


@lru_cache(maxsize=16)
def _transform(profile: bytes | None, mode: str) -> Any:
    """The transform of a profile to sRGB; None if it changes nothing, is broken or of another mode."""
    transform = _built(profile, mode)
    if transform is None or mode != "RGB":
        return transform
    steps = np.linspace(0, 255, _GRID).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    ramp = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
    probe = np.concatenate([grid, ramp], axis=1)
    changed = np.asarray(transform.apply(Image.fromarray(probe))).astype(int) - probe
    return transform if np.abs(changed).max() > _SAME else None


def _built(profile: bytes | None, mode: str) -> Any:
    from PIL import ImageCms

    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != {"L": "GRAY"}.get(mode, mode):
            return None
        exact = ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.NONE
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", flags=exact)
    except Exception:  # a broken profile counts as none, however it is broken
        return None


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None
    return converted
