"""A note in each result of the settings that made it, by which s2f knows whether the result is up to date.

Files hold it as the property `s2f:madeWith` of XMP, in the formats of `metadata.KINDS`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core import xmp

State = Literal["missing", "current", "outdated", "unknown"]
"""Of a result: `outdated` was made with other settings or before its source changed, `unknown` has no note,
and may not be a result."""
_KEY = "s2f"
_PROPERTY = "s2f:madeWith"


def note(command: str, **settings: Any) -> str:
    """The note of a command's results: one line of ASCII; equal settings give equal notes."""
    used = {name: value for name, value in settings.items() if value is not None}
    return json.dumps({_KEY: command, **used}, sort_keys=True, default=str)


def properties(text: str) -> Mapping[str, str]:
    """A note as a property of XMP; none for an empty one."""
    return {_PROPERTY: text} if text else {}


def note_in(properties: Mapping[str, str]) -> str:
    """The note among the properties of a file; empty if there is none."""
    return properties.get(_PROPERTY, "")


def read(file: Path) -> str:
    """The note in a file; empty if it has none, or is no image."""
    try:
        return note_in(xmp.of_file(file))
    except Exception:  # Pillow's readers raise many kinds
        return ""


def state(file: Path, expected: str, source: Path) -> State:
    """Whether a result exists, was made with the settings of a note, and is not older than its source.

    An empty file counts as missing. Without an expected note, every file that exists is `current`. Raises
    OSError if the path is impossible.
    """
    if not file.exists() or not file.stat().st_size:
        return "missing"
    if not expected:
        return "current"
    found = read(file)
    if not found:
        return "unknown"
    return "current" if found == expected and not _is_newer(source, file) else "outdated"


def _is_newer(source: Path, result: Path) -> bool:
    return source.exists() and source.stat().st_mtime_ns > result.stat().st_mtime_ns
