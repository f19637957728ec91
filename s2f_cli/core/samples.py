"""How image files store their samples, as far as Pillow's modes do not say it."""

from dataclasses import dataclass
from typing import Any

from PIL import Image, TiffImagePlugin

DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
"""Modes of more than 8 bits."""
_RAW_BITS = {"1": 1, "L;2": 2, "L;4": 4, "I;16B": 16, "RGB;16B": 16}
"""Bits per sample of a PNG by the layout of its rows."""
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT, XMP = 258, 262, 339, 700
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
        if opened.format == "TIFF" and opened.mode in DEEP:
            tags: Any = getattr(opened, "tag_v2", {})
            bits, signed = (first_number(tag_of(tags, tag)) for tag in (_BITS, _SAMPLE_FORMAT))
            inverted = opened.mode != "F" and first_number(tag_of(tags, _PHOTOMETRIC)) == 0
            return cls(bits or 0, signed == _SIGNED, inverted)
        return cls()


def tag_of(tags: Any, tag: int) -> Any:
    """The value of a tag; None if there is none, or it is broken."""
    try:
        return tags.get(tag)
    except Exception:  # Pillow's parsers of tags raise many kinds
        return None


def first_number(value: Any) -> int | None:
    """A number, or the first of several; None for anything else."""
    if isinstance(value, tuple | list) and value:
        value = value[0]
    return value if isinstance(value, int) else None
