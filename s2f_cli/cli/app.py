"""The command `s2f`: one line a command. The only place that prints an error."""

import os
import sys
from typing import Annotated

import typer

from s2f_cli import __version__
from s2f_cli.cli import console
from s2f_cli.cli.commands import (
    align,
    demo,
    doctor,
    export,
    models,
    prepare,
    recipes,
    sample,
    serve,
    sketchify,
)
from s2f_cli.cli.commands.evaluate.command import evaluate
from s2f_cli.cli.commands.runs.command import app as runs
from s2f_cli.cli.commands.train.command import train
from s2f_cli.cli.commands.translate.command import translate
from s2f_cli.cli.help import App
from s2f_cli.core.errors import S2FError

app = App(
    name="s2f",
    help="Turn photos of faces into sketches, and sketches into faces.",
)
app.command()(demo.demo)
app.add_typer(prepare.app, name="prepare")
app.command()(align.align)
app.command()(sketchify.sketchify)
app.command()(train)
app.command()(translate)
app.command()(sample.sample)
app.command()(evaluate)
app.command()(export.export)
app.command()(serve.serve)
app.add_typer(recipes.app, name="recipes")
app.add_typer(runs, name="runs")
app.add_typer(models.app, name="models")
app.command()(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"s2f {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if debug:
        os.environ["S2F_DEBUG"] = "1"


def main() -> None:
    """Run `s2f`; exits 0 on success, 1 on an error, 2 on wrong usage, 3 below a threshold, 130 on Ctrl-C."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(console.FAILED)
    except (S2FError, OSError) as problem:
        if console.debugging():
            raise
        console.complain(problem if isinstance(problem, S2FError) else _told(problem))
        sys.exit(console.FAILED)


def _told(problem: OSError) -> S2FError:
    reason = problem.strerror or str(problem)
    named = f"{problem.filename}: {reason}" if problem.filename else reason
    return S2FError(
        named, "check the path, its permissions and the disk; `s2f --debug` shows where it happened"
    )
