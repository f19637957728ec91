"""`s2f runs`: list, compare, plot, choose and delete runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import completion
from s2f_cli.cli.help import App
from s2f_cli.cli.options import OUTPUT, SELECTION, JsonOption

app = App(help="List runs, compare them, plot their curves, find the best, delete some.")

Folder = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="The folder of the runs.", rich_help_panel=SELECTION)
]
Names = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN",
        help="Run folders, names of runs in --folder, or the start of only one name.",
        show_default=False,
        autocompletion=completion.runs,
    ),
]


@app.command("list")
def list_runs(folder: Folder = Path("runs"), as_json: JsonOption = False) -> None:
    """List runs with their date, state, steps and best score, one line each.

    Includes runs in subfolders, such as those of sweeps. --json also lists recipe, seed, data set and the
    last losses and scores. Exits 1 if a run is broken.

    Examples:
      s2f runs list
      s2f runs list --folder runs/sweep-pix2pix --json
    """
    from s2f_cli.cli.commands.runs import output

    output.show_list(folder, as_json)


@app.command()
def compare(names: Names, folder: Folder = Path("runs")) -> None:
    """Compare runs: all settings in which they differ, and their last losses and scores.

    Examples:
      s2f runs compare 0001-pix2pix 0002-pix2pix
    """
    from s2f_cli.cli.commands.runs import output
    from s2f_cli.training import run_choice

    output.show_comparison([run_choice.find(name, folder) for name in names])


@app.command()
def best(
    by: Annotated[
        str,
        typer.Option(
            metavar="SCORE",
            help="The score that decides, such as ssim:face.",
            show_default="that of --best-by",
            rich_help_panel=SELECTION,
        ),
    ] = "",
    folder: Folder = Path("runs"),
) -> None:
    """Print the model with the best score of all runs that were trained with --best-by.

    Examples:
      s2f runs best
      s2f runs best --folder runs/sweep-pix2pix --by ssim:face
    """
    from s2f_cli.cli.commands.runs import output

    output.show_best(folder, by)


@app.command()
def remove(
    names: Names,
    folder: Folder = Path("runs"),
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask first.", rich_help_panel=SELECTION)
    ] = False,
) -> None:
    """Delete runs, or all runs of a sweep, and print their folders. Asks first; a running one is refused.

    Examples:
      s2f runs remove 0001-pix2pix
      s2f runs remove sweep-pix2pix --yes
    """
    from s2f_cli.cli import console
    from s2f_cli.training import run_choice

    folders = [run_choice.find(name, folder) for name in names]
    if not yes:
        typer.confirm(f"Delete {', '.join(map(str, folders))}?", abort=True, err=True)
    for chosen in folders:
        for run in run_choice.remove(chosen):
            console.print_path(run)


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
    from s2f_cli.training import run_choice

    curve_plots.plot([run_choice.find(name, folder) for name in names], output, only)
    console.print_path(output)
