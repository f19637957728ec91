"""File names that mean the same: Unicode forms, case, and the endings that tell a face from its sketch."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

_WORDS = "face|faces|photo|photos|img|image|sketch|sketches|drawing"
_ENDING = re.compile(rf"(?<=[^\W_])[ ._-]+(?:{_WORDS})$")
_START = re.compile(rf"^(?:{_WORDS})(?:[ ._-]+(?=[^\W_])|(?=\d))")
_MOST = 2000
"""The number of names among which a similar one is searched; the search compares all of them."""


def composed(name: str) -> str:
    """A name with composed characters (Unicode NFC): macOS decomposes `é` into two, other systems do not."""
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """What the names have in common that are one file on a disk of Windows or macOS: `Anna` and `anna`."""
    return composed(composed(name).casefold())


def same_on_disk(folder: Path) -> Callable[[str], str]:
    """What names of one file have in common in a folder: `folded`, if its disk ignores case, else themselves.

    The folder need not exist. Nothing is written: a disk ignores case if it knows a folder by its name in the
    other case.
    """
    return folded if _ignores_case(folder.absolute()) else str


@lru_cache(maxsize=256)
def _ignores_case(folder: Path) -> bool:
    for place in (folder, *folder.parents):
        swapped = place.with_name(place.name.swapcase()) if place.name else place
        if swapped != place and place.exists():
            return swapped.exists() and swapped.samefile(place)
    return False


def loose(name: str) -> str:
    """A name without the differences between a face and its sketch: `Anna_Sketch` and `anna` are both `anna`.

    Ignores case, Unicode forms, and a word like `sketch` or `photo` at the start or the end. `name` has no
    suffix, and may be a path with forward slashes.
    """
    folders, slash, last = folded(name).rpartition("/")
    return folders + slash + _START.sub("", _ENDING.sub("", last))


def nearest(name: str, names: Collection[str]) -> str:
    """The most similar of several names; empty if none is similar, or if there are too many to compare."""
    if len(names) > _MOST:
        return ""
    by_key = {loose(other).rpartition("/")[2]: other for other in names}
    close = difflib.get_close_matches(loose(name).rpartition("/")[2], by_key, n=1)
    return by_key[close[0]] if close else ""
