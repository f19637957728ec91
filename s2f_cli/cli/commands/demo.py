"""`s2f demo`."""

import contextlib
import io
import shlex
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import completion, console, options
from s2f_cli.core.files import atomic_write


def demo(
    context: typer.Context,
    output: options.OutputFolderOption = Path("demo"),
    recipe: Annotated[
        str,
        typer.Option(
            metavar="RECIPE",
            help="The recipe to train.",
            rich_help_panel=options.TRAINING,
            autocompletion=completion.recipes,
        ),
    ] = "unet-pairs",
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Number of training steps.",
            show_default="the recipe's",
            rich_help_panel=options.TRAINING,
        ),
    ] = None,
) -> None:
    """Prepare, train, translate and evaluate on drawn faces; no download, no GPU.

    Shows each command before running it. Leaves images and a score table in the output folder. Repeat an
    interrupted demo to resume it.

    Examples:
        s2f demo
        s2f demo --steps 300 --output quick
    """
    data, run, scores = output / "data", output / "run", output / "scores.md"
    faces, sketches = data / "test" / "face", data / "test" / "sketch"

    if not data.exists():
        _run(context, "prepare", "demo", "--output", data)
    length = [] if steps is None else ["--steps", steps]
    resume = ["--resume"] if (run / "run.json").exists() else []
    _run(context, "train", recipe, "--data", data, "--output", run, *length, *resume)
    for to, inputs in (("sketch", faces), ("face", sketches)):
        _run(
            *(context, "translate", "--to", to, inputs, "--model", run, "--output", output / f"made-{to}"),
            *("--overwrite", "--sheet", output / f"{to}.png"),
        )
    table = _run(context, "evaluate", run, "--data", data, "--metric", "ssim,mse", "--markdown")
    atomic_write(scores, table)
    for line in ["", *table.splitlines(), "", "images and scores:"]:
        console.say(line)
    for result in (output / "sketch.png", output / "face.png", scores):
        console.print_path(result)


def _run(context: typer.Context, *words: object) -> str:
    """Show and run an `s2f` command; returns its stdout, and exits with its exit code if that is not 0."""
    line = [str(word) for word in words]
    console.say("")
    console.say(f"$ s2f {shlex.join(line)}")
    stdout = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(stdout, "utf-8", newline="", write_through=True)):
        code = context.find_root().command.main(line, prog_name="s2f", standalone_mode=False)
        if code:
            raise typer.Exit(code)
        return stdout.getvalue().decode()
