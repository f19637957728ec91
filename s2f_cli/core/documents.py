"""JSON and TOML as people, editors and shells write them; whatever is wrong with a document is a ValueError.

Documents are UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes with `>`.
"""

import codecs
import json
import tomllib
from typing import Any

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


def from_json(document: bytes | str) -> Any:
    """The value of a JSON document; raises ValueError if it is not valid or too deep."""
    try:
        return json.loads(_text(document))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def from_toml(document: bytes | str) -> dict[str, Any]:
    """The value of a TOML document; raises ValueError if it is not valid or too deep."""
    try:
        return tomllib.loads(_text(document))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _text(document: bytes | str) -> str:
    if isinstance(document, str):
        return document
    encoding = next((name for mark, name in _MARKS.items() if document.startswith(mark)), "utf-8")
    return document.decode(encoding)
