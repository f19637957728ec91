"""`s2f translate`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import console

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli.cli.commands.translate.output import Records
    from s2f_cli.inference.pipeline import Pipeline

SHEET_ROWS = 50
"""A contact sheet shows so many images at most."""
PIPE = Path("-")


def _size(text: str) -> int | str:
    if text in ("native", "full", "model"):
        return text
    if text.isdecimal() and int(text):
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither native, full, model nor a number of pixels")


def translate(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            help="Images, videos, folders (searched through), wildcards, or - for stdin to stdout.",
            show_default=False,
        ),
    ],
    to: Annotated[Literal["face", "sketch"], typer.Option(help="What to make of them.", show_default=False)],
    model: Annotated[
        str | None,
        typer.Option(
            help="A bundle, a run folder, an exported .onnx file, or a name of `s2f models`. "
            "[default: the newest run in ./runs that can do it, else the one that comes with s2f]"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="A folder, a file for a single image, or - for stdout. "
            "[default: STEM.face.png or STEM.sketch.png beside each]",
        ),
    ] = None,
    file_format: Annotated[
        Literal["png", "jpg", "webp"] | None,
        typer.Option("--format", "-f", help="Of the results. [default: the suffix of --output, else png]"),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--skip-existing", help="What to do about results that are there already."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Go on with what appears in the folders, until Ctrl-C.")
    ] = False,
    size: Annotated[
        str,
        typer.Option(
            parser=_size,
            metavar="native|full|model|N",
            help="native: as large as the input, seen as large as in training; full: the same size, "
            "seen pixel by pixel; N: the short side N pixels; model: the square that training saw.",
        ),
    ] = "native",
    align: Annotated[
        Literal["auto", "none", "report-b", "cufs", "ffhq"],
        typer.Option(
            help="Find the faces of a photo or drawing, and align them as `s2f align` does; auto does it "
            "where the model's card says how, unless there is no face or it is aligned already."
        ),
    ] = "auto",
    no_align: Annotated[
        bool, typer.Option("--no-align", help="Take the pictures as they are: --align none.")
    ] = False,
    faces: Annotated[
        Literal["largest", "best", "all"] | None,
        typer.Option(
            help="Of several faces in one picture take the largest, the surest (best), or all. "
            "[default: all; with --paste-back none the largest]"
        ),
    ] = None,
    paste_back: Annotated[
        Literal["translated", "photo", "none"] | None,
        typer.Option(
            help="What aligned faces, translated, are put back into with a soft seam: the whole picture, "
            "translated too; the photo as it is; or nothing: each is a result of its own. "
            "[default: translated, where the model takes pictures of any size]"
        ),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Also write STEM.sketch.compare.png: input and result side by side."),
    ] = False,
    sheet: Annotated[Path | None, typer.Option(help="Write a contact sheet, inputs beside results.")] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="So many results of each, where the model draws at random.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The seed of what the model draws at random.")] = 0,
    mean: Annotated[
        bool, typer.Option("--mean", help="Take the mean instead of a draw, where the model draws.")
    ] = False,
    precision: Annotated[
        Literal["fp32", "bf16"],
        typer.Option(
            help="bf16: half the time where the processor has it; results differ by a grey level or two."
        ),
    ] = "fp32",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each input, instead of paths.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1, mps; auto takes the GPU if there is one.")
    ] = "auto",
) -> None:
    """Turn sketches into faces, or faces into sketches.

    The model is the one named by --model, else the newest run in ./runs that has the direction; stderr says
    which. Prints the path of each file it wrote. A whole photo gives a picture of its size: all of it
    translated, and the faces in it, aligned as the model knows them, put into it. With --align PRESET a
    picture without a face is left out; with --paste-back none further faces of one picture get -2, -3 …
    behind the name.

    A video becomes a video of the same rate and sound; that needs the extra video.
    With --samples every input is drawn with the same noise, and stderr says how much results differ between
    samples and between inputs.
    """
    if no_align and align != "auto":
        raise typer.BadParameter("--no-align and --align contradict each other")
    if no_align:
        align = "none"
    pasted = paste_back not in (None, "none")
    if pasted and size == "model":
        raise typer.BadParameter("a face is put back as large as it was: leave out --size or --paste-back")
    if pasted and align == "none":
        raise typer.BadParameter(
            "a face is put back where it was found: let faces be aligned, or leave out --paste-back"
        )
    if mean and samples > 1:
        raise typer.BadParameter("the mean is one result: leave out --samples or --mean")
    suffix = _suffix(file_format, output)
    piped = PIPE in inputs or output == PIPE
    if piped:
        single = faces == "all" and paste_back == "none"
        _refuse_for_a_pipe(inputs, samples > 1 or single or watch or compare or sheet is not None or as_json)
    if watch and (sheet or samples > 1 or not all(one.is_dir() for one in inputs)):
        raise typer.BadParameter("--watch takes folders, and neither --sheet nor --samples")

    from s2f_cli.cli.importing import importing

    with importing():
        from s2f_cli.cli import model_choice
        from s2f_cli.cli.commands.translate import videos
        from s2f_cli.cli.commands.translate import watch as _watching
        from s2f_cli.cli.commands.translate.batch import Batch
        from s2f_cli.cli.commands.translate.naming import Naming
        from s2f_cli.cli.commands.translate.output import Records
        from s2f_cli.inference.pipeline import build_pipeline
        from s2f_cli.inference.translator import Translator

    def drawing() -> Pipeline:
        translator = Translator.open(model_choice.choose(model, to), device, precision)
        if translator.sees_squares(to) and size not in ("native", "model"):
            side = translator.card.recipe.image.size
            console.say(f"this model sees every picture squashed to {side}x{side}: results are enlarged")
        return build_pipeline(
            translator,
            to,
            size=size,  # type: ignore[arg-type]
            align=align,
            faces=faces,
            back=paste_back,
            samples=samples,
            seed=seed,
            mean=mean,
        )

    if piped:
        _pipe(drawing(), inputs[0], output, suffix)
        return
    naming = Naming(to, output, suffix, overwrite, samples)
    plan = naming.plan([] if watch else inputs)
    if plan.videos and (samples > 1 or file_format):
        raise typer.BadParameter("a video is one result, and a video: leave out --samples and --format")
    records = Records(as_json)
    records.skip(plan.skipped, samples)
    for given, reason in plan.failures.items():
        records.fail(given, reason)
    if plan.jobs or plan.videos or watch:
        asked = drawing()
        asked.require()
        batch = Batch(asked, records, compare, SHEET_ROWS if sheet or samples > 1 else 0)
        batch.run(plan.jobs)
        for source, target in plan.videos:
            videos.translate(asked, records, source, target)
        if watch:
            _watching.watch(batch, naming, inputs)
        if samples > 1 and batch.rows:
            _tell_variances(batch.rows)
        if sheet and batch.rows:
            _write_sheet(batch.rows, to, sheet, records)
    elif not plan.skipped and not plan.failures:
        console.say("nothing to translate")
    console.end_batch(records.failures)


def _suffix(file_format: str | None, output: Path | None) -> str:
    """The suffix of the results; refuses a --format that is not that of the file --output."""
    from s2f_cli.cli.commands.translate.naming import is_file_name

    if output is None or not is_file_name(output):
        return f".{file_format or 'png'}"
    if file_format and output.suffix.lower().replace("jpeg", "jpg") != f".{file_format}":
        raise typer.BadParameter(f"{output} is no {file_format}: leave out --format, or name a folder")
    return output.suffix


def _refuse_for_a_pipe(inputs: list[Path], more: bool) -> None:
    if len(inputs) > 1:
        raise typer.BadParameter("- stands alone: stdin and stdout are one image")
    if more:
        raise typer.BadParameter(
            "- is one image in and one out: leave out --samples, --watch, --compare, --sheet, --json, and "
            "--faces all with --paste-back none"
        )


def _pipe(drawing: Pipeline, source: Path, output: Path | None, suffix: str) -> None:
    from PIL import Image

    from s2f_cli.core import images

    if source == PIPE:
        picture = images.read(io.BytesIO(sys.stdin.buffer.read()), "standard input")
    else:
        picture = images.read(source)
    (((made,),),) = drawing.results([drawing.cut(picture)])
    if output and output != PIPE:
        images.write(made, output)
        console.print_path(output)
    else:
        sys.stdout.buffer.write(images.encode(made, Image.registered_extensions()[suffix]))


def _write_sheet(rows: list[list[Image.Image]], to: str, sheet: Path, records: Records) -> None:
    from s2f_cli.core import contact_sheet, images
    from s2f_cli.core.errors import S2FError

    numbers = range(1, len(rows[0]))
    titles = [to] if len(numbers) == 1 else [f"{to} {number}" for number in numbers]
    try:
        images.write(contact_sheet.sheet(rows, ("input", *titles)), sheet)
        records.together(sheet)
    except S2FError as problem:
        records.fail(sheet, problem.line)


def _tell_variances(rows: list[list[Image.Image]]) -> None:
    from s2f_cli.inference import sampling

    found = sampling.variances([row[1:] for row in rows])
    console.say(
        f"variance of a pixel in [-1, 1]: {found.over_samples:.4f} between samples of one input, "
        f"{found.over_inputs:.4f} between inputs with the same noise"
    )
