"""`s2f demo`."""

import contextlib
import io
import shlex
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import console
from s2f_cli.core.files import atomic_write


def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where everything goes.")] = Path("demo"),
    recipe: Annotated[str, typer.Option(help="The recipe to train.")] = "unet-pairs",
    steps: Annotated[
        int | None, typer.Option(min=1, help="How long to train it. [default: as the recipe says]")
    ] = None,
) -> None:
    """Do the whole job on made data: prepare, train, translate, evaluate; no download, no GPU.

    Shows each command before it runs it. Ends with pictures and a score table in the output folder; a second
    call goes on where an interrupted one stopped.
    """
    data, run, scores = output / "data", output / "run", output / "scores.md"
    faces, sketches = data / "test" / "face", data / "test" / "sketch"

    if not data.exists():
        _run(context, "prepare", "demo", "--output", data)
    length = [] if steps is None else ["--steps", steps]
    resume = ["--resume"] if (run / "run.json").exists() else []
    _run(context, "train", recipe, "--data", data, "--output", run, *length, *resume)
    for to, source in (("sketch", faces), ("face", sketches)):
        made = output / f"made-{to}"
        _run(
            *(context, "translate", "--to", to, source, "--model", run, "--output", made, "--overwrite"),
            *("--sheet", output / f"{to}.png"),
        )
    table = _run(context, "evaluate", run, "--data", data, "--metric", "ssim,mse", "--markdown")
    atomic_write(scores, table)
    for line in ["", *table.splitlines(), "", "pictures and scores:"]:
        console.say(line)
    for result in (output / "sketch.png", output / "face.png", scores):
        console.print_path(result)


def _run(context: typer.Context, *words: object) -> str:
    """Show and run one `s2f` command; returns what it printed, leaves with its exit code if that is not 0."""
    line = [str(word) for word in words]
    console.say("")
    console.say(f"$ s2f {shlex.join(line)}")
    printed = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(printed, "utf-8", newline="", write_through=True)):
        code = context.find_root().command.main(line, prog_name="s2f", standalone_mode=False)
        if code:
            raise typer.Exit(code)
        return printed.getvalue().decode()
