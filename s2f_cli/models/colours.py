"""Colours of a face as text: `#rrggbb`, a CSS name, or a natural name such as `fair` for skin."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, get_args

from PIL import ImageColor

from s2f_cli.core.errors import S2FError

Region = Literal["skin", "hair", "backdrop"]
"""A region of a photo whose colour can be measured."""
REGIONS: tuple[Region, ...] = get_args(Region)

NAMES: dict[Region, dict[str, str]] = {
    "skin": {
        "fair": "#ebc4ae",
        "light": "#ddaa94",
        "medium": "#ca8d72",
        "tan": "#ae7058",
        "brown": "#845746",
        "dark": "#62382a",
    },
    "hair": {
        "black": "#211b18",
        "dark brown": "#3d2d24",
        "brown": "#5e4936",
        "blond": "#ab8c6a",
        "red": "#7d4630",
        "gray": "#8d8984",
        "white": "#d5d2cd",
    },
    "backdrop": {},
}
"""Natural names by region, as measured on photos. They take precedence over CSS names: brown hair is darker
than CSS's brown."""

_SPELLINGS = {"blonde": "blond", "grey": "gray"}


def parse(text: str, region: Region) -> str:
    """A colour as `#rrggbb`; raises S2FError if the text is no colour."""
    name = " ".join(text.lower().replace("-", " ").split())
    natural = NAMES[region]
    if _SPELLINGS.get(name, name) in natural:
        return natural[_SPELLINGS.get(name, name)]
    colour: tuple[int, ...] = ()
    with suppress(ValueError):
        colour = ImageColor.getrgb(text.strip())
    if len(colour) != 3:
        known = f", or {', '.join(natural)}" if natural else ""
        raise S2FError(f"{text!r} is not a colour", f"write #rrggbb, or a CSS name such as tan{known}")
    return "#{:02x}{:02x}{:02x}".format(*colour)


def to_numbers(colour: str) -> list[float]:
    """Red, green and blue of `#rrggbb`, each in [-1, 1]."""
    return [level / 127.5 - 1 for level in ImageColor.getrgb(colour)]


def from_numbers(numbers: Sequence[float]) -> str:
    """The colour `#rrggbb` of red, green and blue in [-1, 1]; numbers beyond are clipped."""
    levels = (min(max(round((number + 1) * 127.5), 0), 255) for number in numbers)
    return "#{:02x}{:02x}{:02x}".format(*levels)
