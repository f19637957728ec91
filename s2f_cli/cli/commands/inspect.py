"""`s2f inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from s2f_cli.cli import console
from s2f_cli.cli.options import OUTPUT


def inspect(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES", help="Images or videos.", show_default=False)
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON per file.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Show whether images and videos say that a model made them.

    Reads the digital source type of IPTC's photo metadata, which s2f and other programs write, with the model
    and its version, and s2f's note of the settings. A file without a mark may still have been made by a
    model: marks get lost when a file is edited or sent. If a file cannot be read, the exit code is 1.

    Examples:
      s2f inspect anna.face.png
      s2f inspect results/*.png --json
    """
    from dataclasses import asdict

    from s2f_cli.core import made_with, marks
    from s2f_cli.core.errors import S2FError

    failures: dict[str, str] = {}
    for file in files:
        try:
            found, properties = _read(file)
        except S2FError as problem:
            failures[str(file)] = problem.line
            if as_json:
                console.print_json_line({"file": str(file), "error": problem.line})
            continue
        mark, note = marks.mark_in(properties), made_with.note_in(properties)
        if as_json:
            described = None if mark is None else {"made": mark.is_made, **asdict(mark)}
            console.print_json_line({"file": str(file), **found, "mark": described, "note": note})
        else:
            _print(file, found, mark, note)
    console.end_batch(failures)


def _read(file: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The format and size of a file, and its properties of XMP."""
    from s2f_cli.core import images, video, xmp

    if file.suffix.lower() in video.SUFFIXES:
        probed = video.probe(file)
        kind = file.suffix[1:].upper()
        return {"format": kind, "width": probed.width, "height": probed.height}, xmp.of_file(file)
    if file.suffix.lower() == ".svg" and file.is_file():
        return {"format": "SVG"}, xmp.of_file(file)
    with images.opened(file) as opened:
        found = {"format": opened.format, "width": opened.width, "height": opened.height}
        return found, xmp.of(opened)


def _print(file: Path, found: dict[str, Any], mark: Any, note: str) -> None:
    console.print_path(file)
    size = f", {found['width']}x{found['height']}" if "width" in found else ""
    lines = {"image": f"{found['format']}{size}"}
    if mark is None:
        lines["mark"] = "none"
    else:
        lines["mark"] = mark.source + (" (made by a model)" if mark.is_made else "")
        lines |= {"model": ", ".join(filter(None, (mark.model, mark.version))), "program": mark.program}
    lines["note"] = note
    for name, text in lines.items():
        if text:
            console.print_line(f"  {name + ':':9}{text}")
