"""The README.md that makes the page a static Space of the Hugging Face Hub."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.core.files import atomic_write

_PAGE = """---
title: {title}
emoji: ✏️
colorFrom: red
colorTo: yellow
sdk: static
app_file: index.html
pinned: false
license: other
short_description: Runs in your browser; no picture is uploaded
custom_headers:
  cross-origin-embedder-policy: require-corp
  cross-origin-opener-policy: same-origin
  cross-origin-resource-policy: cross-origin
---

# {title}

A page of the command-line tool s2f. Its models run in the browser: no picture leaves the computer.

| model | terms |
| --- | --- |
{rows}

The results show how a face or a drawing may look. Do not use them to identify anyone.
"""
"""The headers let the page use threads: https://huggingface.co/docs/hub/spaces-config-reference."""


def write(folder: Path, models: Sequence[Mapping[str, Any]]) -> None:
    """Write README.md beside the page; `models` are described as by `site.describe`.

    Raises S2FError if the file cannot be written.
    """
    names = list(dict.fromkeys(f"{model['source']} to {model['to']}" for model in models))
    title = ", ".join(names).capitalize()
    terms = dict.fromkeys((model["title"], model["licence"] or "not recorded") for model in models)
    rows = "\n".join(f"| {name} | {licence} |" for name, licence in terms)
    atomic_write(folder / "README.md", _PAGE.format(title=title, rows=rows))
