"""File names that mean the same: Unicode forms, case, and the endings that tell a face from its sketch."""

import difflib
import re
import unicodedata
from collections.abc import Collection

_WORDS = "face|faces|photo|photos|img|image|sketch|sketches|drawing"
_ENDING = re.compile(rf"(?<=[^\W_])[ ._-]+(?:{_WORDS})$")
_START = re.compile(rf"^(?:{_WORDS})(?:[ ._-]+(?=[^\W_])|(?=\d))")
_MOST = 2000
"""The number of names among which a similar one is searched; the search compares all of them."""


def composed(name: str) -> str:
    """A name with composed characters (Unicode NFC): macOS decomposes `é` into two, other systems do not."""
    return unicodedata.normalize("NFC", name)


def loose(name: str) -> str:
    """A name without the differences between a face and its sketch: `Anna_Sketch` and `anna` are both `anna`.

    Ignores case, Unicode forms, and a word like `sketch` or `photo` at the start or the end. `name` has no
    suffix, and may be a path with forward slashes.
    """
    folders, slash, last = composed(composed(name).casefold()).rpartition("/")
    return folders + slash + _START.sub("", _ENDING.sub("", last))


def nearest(name: str, names: Collection[str]) -> str:
    """The most similar of several names; empty if none is similar, or if there are too many to compare."""
    if len(names) > _MOST:
        return ""
    by_key = {loose(other).rpartition("/")[2]: other for other in names}
    close = difflib.get_close_matches(loose(name).rpartition("/")[2], by_key, n=1)
    return by_key[close[0]] if close else ""
