"""`s2f runs`: what was trained, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import console
from s2f_cli.cli.help import App

app = App(help="List runs, compare them, plot their curves.")

Folder = Annotated[Path, typer.Option(help="The folder that runs are in.")]
Names = Annotated[
    list[Path], typer.Argument(help="Run folders, or their names in ./runs.", show_default=False)
]


@app.command("list")
def list_runs(folder: Folder = Path("runs"), json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the runs: recipe, steps done, seed, data and the last losses."""
    from s2f_cli.cli.commands.runs.tables import overview

    overview(folder, json)


@app.command()
def compare(names: Names, folder: Folder = Path("runs")) -> None:
    """Put the settings in which runs differ, and their last values, side by side."""
    from s2f_cli.cli.commands.runs.tables import differences

    differences([_found(name, folder) for name in names])


@app.command()
def plot(
    names: Names,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png or .html file.")] = Path(
        "curves.png"
    ),
    folder: Folder = Path("runs"),
    only: Annotated[str, typer.Option(help="Draw only curves with this in their name, such as cycle.")] = "",
) -> None:
    """Draw the logged losses and scores of runs, a panel each."""
    from s2f_cli.cli.commands.runs.tables import plotted

    plotted([_found(name, folder) for name in names], output, only)
    console.print_path(output)


def _found(name: Path, folder: Path) -> Path:
    return name if name.exists() or not (folder / name).exists() else folder / name
