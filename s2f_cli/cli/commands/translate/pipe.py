"""`s2f translate` with stdin or stdout: one image in, one out."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from s2f_cli.cli import console
from s2f_cli.cli.pipes import PIPE
from s2f_cli.core import formats, images
from s2f_cli.core.prefetch import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from s2f_cli.cli.commands.translate.writing import ResultWriter


def translate(writer: ResultWriter, source: Path, output: Path | None, suffix: str) -> None:
    """Translate a file or stdin, to a file or to stdout; `suffix` is the format on stdout."""
    given = io.BytesIO(sys.stdin.buffer.read()) if source == PIPE else source
    name = "standard input" if source == PIPE else str(source)
    (outcome,) = writer.pipeline.run([images.read(given, name if source == PIPE else "")])
    if isinstance(outcome, Failure):
        raise outcome.error
    translation = outcome.value
    for doubt in writer.pipeline.doubts(translation):
        console.say(f"{name}: {doubt}")
    if output and output != PIPE:
        writer.write(translation.image, output, given)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(writer.encode(translation.image, formats.kind_of(suffix), given))
