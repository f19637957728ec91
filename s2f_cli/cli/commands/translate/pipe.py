"""`s2f translate` with stdin or stdout: one image in, one out."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli.cli import console, process
from s2f_cli.core import formats, images
from s2f_cli.core.errors import S2FError

if TYPE_CHECKING:
    from s2f_cli.cli.commands.translate.writing import ResultWriter

PIPE = Path("-")


def check(source: Path, output: Path | None) -> None:
    """Raise S2FError if an image is to come from a closed stdin, or go to a closed stdout or a terminal."""
    if source == PIPE and process.is_closed(sys.stdin):
        raise S2FError("standard input is closed", "name a file instead of -")
    if output and output != PIPE:
        return
    if process.is_closed(sys.stdout):
        raise S2FError("standard output is closed", "name a file with --output")
    if sys.stdout.isatty():
        raise S2FError(
            "an image is not written to a terminal", "name a file with --output, or redirect stdout: > FILE"
        )


def translate(writer: ResultWriter, source: Path, output: Path | None, suffix: str) -> None:
    """Translate a file or stdin, to a file or to stdout; `suffix` is the format on stdout."""
    given = io.BytesIO(sys.stdin.buffer.read()) if source == PIPE else source
    photo = images.read(given, "standard input" if source == PIPE else "")
    result = writer.pipeline.translate(photo)
    if output and output != PIPE:
        writer.write(result, output, given)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(writer.encode(result, formats.kind_of(suffix), given))
