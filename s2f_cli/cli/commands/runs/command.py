"""`s2f runs`: list, compare and plot runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli.help import App
from s2f_cli.cli.options import OUTPUT, SELECTION, JsonOption

app = App(help="List runs, compare them, plot their curves.")

Folder = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="The folder of the runs.", rich_help_panel=SELECTION)
]
Names = Annotated[
    list[Path],
    typer.Argument(metavar="RUN", help="Run folders, or names of runs in --folder.", show_default=False),
]


@app.command("list")
def list_runs(folder: Folder = Path("runs"), as_json: JsonOption = False) -> None:
    """List runs with their recipe, step, seed, data set and last losses and scores.

    Includes runs in subfolders, such as those of sweeps. Exits 1 if a run is broken.

    Examples:
      s2f runs list
      s2f runs list --folder runs/sweep-pix2pix --json
    """
    from s2f_cli.cli.commands.runs import output

    output.show_list(folder, as_json)


@app.command()
def compare(names: Names, folder: Folder = Path("runs")) -> None:
    """Compare runs: the settings in which they differ, and their last losses and scores.

    Examples:
      s2f runs compare 0001-pix2pix 0002-pix2pix
    """
    from s2f_cli.cli.commands.runs import output

    output.show_comparison([_resolve(name, folder) for name in names])


@app.command()
def plot(
    names: Names,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="A .svg or .html file.", rich_help_panel=OUTPUT),
    ] = Path("curves.svg"),
    only: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Only curves with this in their name.", rich_help_panel=SELECTION),
    ] = "",
    folder: Folder = Path("runs"),
) -> None:
    """Plot the logged losses and scores of runs, one chart each, and print the file's path.

    Examples:
      s2f runs plot 0001-pix2pix
      s2f runs plot 0001-pix2pix 0002-pix2pix --only val/ -o curves.html
    """
    from s2f_cli.cli import console
    from s2f_cli.evaluation import curve_plots

    curve_plots.plot([_resolve(name, folder) for name in names], output, only)
    console.print_path(output)


def _resolve(name: Path, folder: Path) -> Path:
    return name if name.exists() or not (folder / name).exists() else folder / name
