"""`s2f gallery`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import console
from s2f_cli.cli.options import OUTPUT


def gallery(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of images.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The page.",
            show_default="index.html in the folder",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """Write a web page that shows the images of a folder, photos beside their results.

    The page holds small copies of the images, and leads to the files. Files whose names are equal up to the
    first dot are one row. An existing gallery, or the file that --output names, is replaced. Prints the path
    of the page.

    Examples:
      s2f gallery results
      s2f gallery results -o results.html
    """
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.files import atomic_write
    from s2f_cli.evaluation.contact_page import contact_page, is_contact_page

    target = output or folder / "index.html"
    if output is None and target.is_file() and not is_contact_page(target):
        raise S2FError(
            f"{target} is not a gallery, so s2f does not replace it", "name the page with --output"
        )
    page = contact_page(folder, target)
    atomic_write(target, page.html.encode("utf-8", "backslashreplace"))
    console.print_path(target)
    console.end_batch(page.left_out)
