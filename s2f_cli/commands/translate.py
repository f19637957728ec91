"""`s2f translate`."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2f_cli import console

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli.images import Domain
    from s2f_cli.translator import Translator

SHEET_ROWS = 50
"""A contact sheet shows so many images at most."""


class To(StrEnum):
    """What to make."""

    face = "face"
    sketch = "sketch"


class Size(StrEnum):
    """The size of a result."""

    native = "native"
    model = "model"


def translate(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            help="Images, folders (searched through), or - for stdin to stdout.", show_default=False
        ),
    ],
    to: Annotated[To, typer.Option(help="What to make of them.", show_default=False)],
    model: Annotated[
        Path | None,
        typer.Option(help="A bundle or a run folder. [default: the newest run in ./runs that can do it]"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A folder, or a file for a single image. "
            "[default: STEM.face.png or STEM.sketch.png beside each]",
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--skip-existing", help="What to do about results that are there already."),
    ] = False,
    size: Annotated[
        Size, typer.Option(help="native: as large as the input; model: the square that training saw.")
    ] = Size.native,
    sheet: Annotated[Path | None, typer.Option(help="Write a contact sheet, inputs beside results.")] = None,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
) -> None:
    """Turn sketches into faces, or faces into sketches.

    The model is the one named by --model, else the newest run in ./runs that has the direction; stderr says
    which. Prints the path of each file it wrote.
    """
    from s2f_cli.commands import _jobs, _models
    from s2f_cli.translator import Translator

    domain: Domain = to.value
    if Path("-") in inputs:
        if len(inputs) > 1:
            raise typer.BadParameter("- stands alone: stdin is one image")
        translator = Translator.open(_models.choose(model, domain), device)
        _pipe(translator, domain, output, size.value)
        return
    plan = _jobs.plan(inputs, output, domain, overwrite)
    if plan.skipped:
        console.say(f"{plan.skipped} results are there already (--overwrite makes them anew)")
    if plan.jobs:
        translator = Translator.open(_models.choose(model, domain), device)
        translator.require(domain)
        rows = _run(translator, domain, plan.jobs, size.value, plan.failures, keep=SHEET_ROWS if sheet else 0)
        if sheet and rows:
            from s2f_cli import images
            from s2f_cli.errors import S2FError

            try:
                images.write(images.sheet(rows, ("input", domain)), sheet)
                console.print_path(sheet)
            except S2FError as problem:
                plan.failures[str(sheet)] = problem.line
    elif not plan.skipped and not plan.failures:
        console.say("nothing to translate")
    console.end_batch(plan.failures)


def _pipe(translator: Translator, to: Domain, output: Path | None, size: str) -> None:
    from s2f_cli import images

    picture = images.read(io.BytesIO(sys.stdin.buffer.read()), "standard input")
    (made,) = translator.translate([picture], to, size)  # type: ignore[arg-type]
    if output:
        images.write(made, output)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(images.encode(made))


def _run(
    translator: Translator,
    to: Domain,
    jobs: list[tuple[Path, Path]],
    size: str,
    failures: dict[str, str],
    keep: int,
) -> list[list[Image.Image]]:
    """Translate batch by batch; what fails goes into `failures`.

    Returns the first `keep` inputs with their results.
    """
    from s2f_cli import images
    from s2f_cli.errors import S2FError
    from s2f_cli.translator import BATCH

    rows: list[list[Image.Image]] = []
    with console.progress() as bar:
        task = bar.add_task(f"to {to}", total=len(jobs))
        for first in range(0, len(jobs), BATCH):
            batch = []
            for source, target in jobs[first : first + BATCH]:
                try:
                    batch.append((source, target, images.read(source)))
                except S2FError as problem:
                    failures[str(source)] = problem.line
            results = translator.translate([picture for _, _, picture in batch], to, size)  # type: ignore[arg-type]
            for (source, target, picture), made in zip(batch, results, strict=True):
                try:
                    images.write(made, target)
                except S2FError as problem:
                    failures[str(source)] = problem.line
                    continue
                console.print_path(target)
                if len(rows) < keep:
                    rows.append([translator.fit(picture, images.other(to)), translator.fit(made, to)])
            bar.advance(task, min(BATCH, len(jobs) - first))
    return rows
