"""`s2f translate`."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli import console
from s2f_cli.commands._drawing import Drawing, looking

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli.images import Domain

SHEET_ROWS = 50
"""A contact sheet shows so many images at most."""


class To(StrEnum):
    """What to make."""

    face = "face"
    sketch = "sketch"


class Align(StrEnum):
    """Where the eyes of a face go before it is translated: as a preset of `s2f align` says, or nowhere."""

    auto = "auto"
    none = "none"
    report_b = "report-b"
    cufs = "cufs"
    ffhq = "ffhq"


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
        str | None,
        typer.Option(
            help="A bundle, a run folder, or a name of `s2f models`. "
            "[default: the newest run in ./runs that can do it, else the one that comes with s2f]"
        ),
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
    align: Annotated[
        Align,
        typer.Option(
            help="Find the face in a photo or drawing, align it as `s2f align` does, and take that; auto "
            "does it where the model's card says how, unless there is no face or it is aligned already."
        ),
    ] = Align.auto,
    no_align: Annotated[
        bool, typer.Option("--no-align", help="Take the pictures as they are: --align none.")
    ] = False,
    faces: Annotated[
        Literal["largest", "best", "all"],
        typer.Option(help="Of several faces in one picture take the largest, the surest (best), or all."),
    ] = "largest",
    paste_back: Annotated[
        bool,
        typer.Option(
            "--paste-back",
            help="Put the translated face back into its photo, with a soft seam (--align report-b, unless "
            "the model or you say another).",
        ),
    ] = False,
    sheet: Annotated[Path | None, typer.Option(help="Write a contact sheet, inputs beside results.")] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="So many results of each, where the model draws at random.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The seed of what the model draws at random.")] = 0,
    mean: Annotated[
        bool, typer.Option("--mean", help="Take the mean instead of a draw, where the model draws.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
) -> None:
    """Turn sketches into faces, or faces into sketches.

    The model is the one named by --model, else the newest run in ./runs that has the direction; stderr says
    which. Prints the path of each file it wrote. With --samples every input is drawn with the same noise, and
    stderr says how much results differ between samples and between inputs.

    With --align PRESET a picture without a face is left out, and further faces of one picture get -2, -3 …
    behind the name of the result; with --paste-back all faces are put back into one.
    """
    from s2f_cli.commands import _jobs, _models
    from s2f_cli.translator import Translator

    domain: Domain = to.value
    if mean and samples > 1:
        raise typer.BadParameter("the mean is one result: leave out --samples or --mean")
    if paste_back and size is Size.model:
        raise typer.BadParameter("a face is put back as large as it was: leave out --size or --paste-back")
    if no_align and align is not Align.auto:
        raise typer.BadParameter("--no-align and --align contradict each other")
    if no_align:
        align = Align.none
    if paste_back and align is Align.none:
        raise typer.BadParameter(
            "a face is put back where it was found: leave out --no-align or --paste-back"
        )

    def drawing(count: int) -> Drawing:
        translator = Translator.open(_models.choose(model, domain), device)
        translator.require(domain)
        searched = looking(translator, domain, align.value, faces)
        if paste_back and searched is None:
            searched = looking(translator, domain, Align.report_b.value, faces)
        as_needed = align is Align.auto and not paste_back
        return Drawing(
            translator, domain, size.value, count, seed, mean, searched, paste_back, as_needed=as_needed
        )

    if Path("-") in inputs:
        if len(inputs) > 1:
            raise typer.BadParameter("- stands alone: stdin is one image")
        if samples > 1:
            raise typer.BadParameter("stdout is one image: leave out --samples")
        if faces == "all" and align is not Align.none and not paste_back:
            raise typer.BadParameter("stdout is one image: leave out --faces all, or add --paste-back")
        _pipe(drawing(1), output)
        return
    plan = _jobs.plan(inputs, output, domain, overwrite, samples)
    if plan.skipped:
        console.say(f"{plan.skipped} results are there already (--overwrite makes them anew)")
    if plan.jobs:
        asked = drawing(samples)
        asked.require()
        rows = _run(asked, plan.jobs, plan.failures, keep=SHEET_ROWS if sheet or samples > 1 else 0)
        if samples > 1 and rows:
            _tell_variances(rows)
        if sheet and rows:
            _write_sheet(rows, domain, sheet, plan.failures)
    elif not plan.skipped and not plan.failures:
        console.say("nothing to translate")
    console.end_batch(plan.failures)


def _write_sheet(rows: list[list[Image.Image]], to: Domain, sheet: Path, failures: dict[str, str]) -> None:
    from s2f_cli import images
    from s2f_cli.errors import S2FError

    numbers = range(1, len(rows[0]))
    titles = [to] if len(numbers) == 1 else [f"{to} {number}" for number in numbers]
    try:
        images.write(images.sheet(rows, ("input", *titles)), sheet)
        console.print_path(sheet)
    except S2FError as problem:
        failures[str(sheet)] = problem.line


def _tell_variances(rows: list[list[Image.Image]]) -> None:
    from s2f_cli import sampling

    found = sampling.variances([row[1:] for row in rows])
    console.say(
        f"variance of a pixel in [-1, 1]: {found.over_samples:.4f} between samples of one input, "
        f"{found.over_inputs:.4f} between inputs with the same noise"
    )


def _pipe(drawing: Drawing, output: Path | None) -> None:
    from s2f_cli import images

    picture = images.read(io.BytesIO(sys.stdin.buffer.read()), "standard input")
    (((made,),),) = drawing.results([drawing.cut(picture)])
    if output:
        images.write(made, output)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(images.encode(made))


def _run(
    drawing: Drawing, jobs: list[tuple[Path, Path]], failures: dict[str, str], keep: int
) -> list[list[Image.Image]]:
    """Translate batch by batch; what fails goes into `failures`.

    Returns the first `keep` inputs, each with its results.
    """
    from s2f_cli import images
    from s2f_cli.commands._jobs import a_face, numbered
    from s2f_cli.errors import S2FError
    from s2f_cli.translator import BATCH

    fit, to = drawing.translator.fit, drawing.to
    rows: list[list[Image.Image]] = []
    with console.progress() as bar:
        task = bar.add_task(f"to {to}", total=len(jobs))
        for first in range(0, len(jobs), BATCH):
            batch = []
            for source, target in jobs[first : first + BATCH]:
                try:
                    batch.append((source, target, drawing.cut(images.read(source))))
                except S2FError as problem:
                    failures[str(source)] = problem.line
            results = drawing.results([one for _, _, one in batch])
            for (source, target, one), made in zip(batch, results, strict=True):
                try:
                    for number, samples in enumerate(made):
                        files = numbered(a_face(target, number), drawing.samples)
                        for file, image in zip(files, samples, strict=True):
                            images.write(image, file)
                            console.print_path(file)
                except S2FError as problem:
                    failures[str(source)] = problem.line
                    continue
                inputs = [one.photo] if drawing.paste_back else one.pictures
                for picture, samples in zip(inputs, made, strict=True):
                    rows.append([fit(picture, images.other(to)), *(fit(image, to) for image in samples)])
                del rows[keep:]
            bar.advance(task, min(BATCH, len(jobs) - first))
    return rows
