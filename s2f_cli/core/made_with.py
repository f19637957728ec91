"""A note in each result of the settings that made it, by which s2f knows whether the result is up to date.

PNG files hold it as the text `s2f`, JPEG files as their comment, WebP files as XMP. Other formats hold none.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

State = Literal["missing", "current", "outdated", "unknown"]
"""Of a result: `outdated` was made with other settings, `unknown` has no note, and may not be a result."""
_KEY = "s2f"


def note(command: str, **settings: Any) -> str:
    """The note of a command's results: one line of ASCII; equal settings give equal notes."""
    used = {name: value for name, value in settings.items() if value is not None}
    return json.dumps({_KEY: command, **used}, sort_keys=True, default=str)


def options(kind: str, text: str) -> Mapping[str, Any]:
    """Options of Pillow's `save` that write a note into a file of a format."""
    if not text:
        return {}
    if kind == "PNG":
        info = PngInfo()
        info.add_text(_KEY, text)
        return {"pnginfo": info}
    return {"JPEG": {"comment": text.encode("ascii")}, "WEBP": {"xmp": text.encode("ascii")}}.get(kind, {})


def read(file: Path) -> str:
    """The note in a file; empty if it has none, or is no image."""
    try:
        with Image.open(file) as image:
            found = image.info.get(
                {"PNG": _KEY, "JPEG": "comment", "WEBP": "xmp"}.get(image.format or "", "")
            )
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError):
        return ""
    text = found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found or "")
    return text if text.startswith('{"') and f'"{_KEY}": ' in text else ""


def state(file: Path, expected: str) -> State:
    """Whether a result exists and was made with the settings of a note; an empty file counts as missing.

    Without an expected note, every file that exists is `current`. Raises OSError if the path is impossible.
    """
    if not file.exists() or not file.stat().st_size:
        return "missing"
    if not expected:
        return "current"
    found = read(file)
    return "current" if found == expected else "outdated" if found else "unknown"
