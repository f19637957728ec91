"""Images on standard input and standard output, which `-` names."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from s2f_cli.cli import console, process
from s2f_cli.core.errors import S2FError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

PIPE = Path("-")


def piped(inputs: Sequence[Path], output: Path | None, several: bool) -> bool:
    """Whether a command reads stdin or writes to stdout.

    Raises BadParameter if it then has several inputs, or `several` results or other output; S2FError if an
    image is to come from a closed stdin, or go to a closed stdout or a terminal.
    """
    if PIPE not in inputs and output != PIPE:
        return False
    if len(inputs) > 1:
        raise typer.BadParameter("stdin and stdout take one image: give no other input besides -")
    if several:
        raise typer.BadParameter("stdin and stdout take one image: leave out options that give more")
    if inputs[0] == PIPE and process.is_closed(sys.stdin):
        raise S2FError("standard input is closed", "name a file instead of -")
    if output is None or output == PIPE:
        if process.is_closed(sys.stdout):
            raise S2FError("standard output is closed", "name a file with --output")
        if sys.stdout.isatty():
            raise S2FError(
                "an image is not written to a terminal",
                "name a file with --output, or redirect stdout: > FILE",
            )
    return True


def read(source: Path) -> Image.Image:
    """Read an image from a file or from stdin; raises ImageError if it cannot be read."""
    from s2f_cli.core import images

    if source == PIPE:
        return images.read(io.BytesIO(sys.stdin.buffer.read()), "standard input")
    return images.read(source)


def write(image: Image.Image, output: Path | None, note: str = "", kind: str = "PNG") -> None:
    """Write an image to a file, and print its path, or to stdout in a format of Pillow."""
    from s2f_cli.core import images

    if output is None or output == PIPE:
        sys.stdout.buffer.write(images.encode(image, kind, note))
    else:
        images.write(image, output, note=note)
        console.print_path(output)
