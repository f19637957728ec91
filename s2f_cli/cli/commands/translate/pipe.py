"""`s2f translate` with stdin or stdout: one image in, one out."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from s2f_cli.cli import console
from s2f_cli.core import images

if TYPE_CHECKING:
    from s2f_cli.inference.pipeline import Pipeline

PIPE = Path("-")


def translate(pipeline: Pipeline, source: Path, output: Path | None, suffix: str) -> None:
    """Translate a file or stdin, to a file or to stdout; `suffix` is the format on stdout."""
    if source == PIPE:
        photo = images.read(io.BytesIO(sys.stdin.buffer.read()), "standard input")
    else:
        photo = images.read(source)
    result = pipeline.translate(photo)
    if output and output != PIPE:
        images.write(result, output)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(images.encode(result, Image.registered_extensions()[suffix]))
