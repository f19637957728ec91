"""`s2f translate`: parse the options, translate, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from s2f_cli.cli import console, pipes
from s2f_cli.cli.condition_options import (
    BackdropOption,
    ConditionOption,
    HairOption,
    LikeOption,
    SkinOption,
    StyleOption,
    collect,
)
from s2f_cli.cli.options import (
    FACES,
    HARDWARE,
    OUTPUT,
    STOCHASTIC,
    DeviceOption,
    InferenceEngineOption,
    MarkOption,
    MergeOption,
    ModelOption,
    OverwriteOption,
    ShardOption,
    ToOption,
)

if TYPE_CHECKING:
    from s2f_cli.inference.options import Size, TranslateOptions


def _size(text: str) -> Size:
    if text in ("native", "full", "model"):
        return text  # type: ignore[return-value]
    if text.isdecimal() and int(text):
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither native, full, model nor a number of pixels")


def _preset(text: str) -> str:
    if text not in ("auto", "none"):
        from s2f_cli.core import registry
        from s2f_cli.faces.geometry import PRESETS

        if text not in PRESETS:
            near = registry.did_you_mean(text, ["auto", "none", *PRESETS])
            raise typer.BadParameter(f"{text!r} is no alignment; {near}")
    return text


def translate(
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUTS",
            help="Images, videos, folders, wildcards, URLs such as s3://bucket/photos, or - for stdin.",
            show_default=False,
        ),
    ],
    to: ToOption,
    model: ModelOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A folder, a file for a single image, or - for stdout.",
            show_default="STEM.DOMAIN.png beside each input",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    size: Annotated[
        str,
        typer.Option(
            parser=_size,
            metavar="SIZE",
            help="native (as the input), full (as the input, at full resolution), model (the square "
            "seen in training), or the short side in pixels.",
            rich_help_panel=OUTPUT,
        ),
    ] = "native",
    file_format: Annotated[
        Literal["png", "jpg", "webp", "svg"] | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="png, jpg, webp, or svg: the ink of a sketch as outlines (extra svg).",
            show_default="the suffix of --output, else png",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    background: Annotated[
        Literal["keep", "white", "transparent"],
        typer.Option(
            metavar="KIND",
            help="What surrounds the person in a sketch: keep (the scene), white, or transparent.",
            rich_help_panel=OUTPUT,
        ),
    ] = "keep",
    keep_metadata: Annotated[
        bool,
        typer.Option(
            "--keep-metadata",
            help="Copy date, place and colour profile of the photo.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    mark: MarkOption = True,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", "-w", help="Keep translating new files, until Ctrl-C.", rich_help_panel=OUTPUT
        ),
    ] = False,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Also write input and result side by side.", rich_help_panel=OUTPUT),
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a contact sheet of inputs and results.", rich_help_panel=OUTPUT
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print a line of JSON per input instead of paths.", rich_help_panel=OUTPUT
        ),
    ] = False,
    align: Annotated[
        str,
        typer.Option(
            parser=_preset,
            metavar="PRESET",
            help="How faces are aligned: auto (as the model needs it), none, or a preset of s2f align.",
            rich_help_panel=FACES,
        ),
    ] = "auto",
    no_align: Annotated[
        bool,
        typer.Option(
            "--no-align", help="Translate images as they are (--align none).", rich_help_panel=FACES
        ),
    ] = False,
    faces: Annotated[
        Literal["largest", "best", "all"] | None,
        typer.Option(
            metavar="WHICH",
            help="Which faces of an image: largest, best (the most certain) or all.",
            show_default="all",
            rich_help_panel=FACES,
        ),
    ] = None,
    paste_back: Annotated[
        Literal["translated", "photo", "none"] | None,
        typer.Option(
            metavar="ONTO",
            help="Paste faces onto the translated image (translated), their heads onto the photo, or none.",
            show_default="translated, if the model takes images of any size",
            rich_help_panel=FACES,
        ),
    ] = None,
    steady: Annotated[
        bool,
        typer.Option(
            "--steady/--no-steady",
            help="Follow the faces of a video and average its noise, or translate each frame on its own.",
            rich_help_panel=FACES,
        ),
    ] = True,
    style: StyleOption = None,
    skin: SkinOption = None,
    hair: HairOption = None,
    backdrop: BackdropOption = None,
    like: LikeOption = None,
    condition: ConditionOption = None,
    samples: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="Samples per input, for stochastic models.", rich_help_panel=STOCHASTIC
        ),
    ] = 1,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="Seed of the first sample.", rich_help_panel=STOCHASTIC)
    ] = 0,
    mean: Annotated[
        bool, typer.Option("--mean", help="Take the mean instead of a sample.", rich_help_panel=STOCHASTIC)
    ] = False,
    device: DeviceOption = "auto",
    precision: Annotated[
        Literal["fp32", "bf16", "auto"],
        typer.Option(
            metavar="TYPE",
            help="fp32, bf16 (faster on some processors, a grey level or two off), or auto.",
            rich_help_panel=HARDWARE,
        ),
    ] = "fp32",
    engine: InferenceEngineOption = "auto",
    shard: ShardOption = None,
    merge: MergeOption = False,
) -> None:
    """Turn sketches into faces, or faces into sketches.

    A photo gives an image of its size: the whole photo is translated, its faces are aligned as the model
    needs them, translated, and pasted in. A video gives a video with the same frame rate and sound, which
    needs the extra video. URLs of folders in object stores need the extra remote.

    Prints the path of each file it writes. Results that were made with the same model and settings are
    skipped, and files that s2f did not make are kept; a file named with --output is replaced. If a file
    fails, the reason goes to stderr, the others are translated, and the exit code is 1.

    Examples:
      s2f translate --to sketch photo.jpg
      s2f translate --to sketch photos -o sketches -f jpg
      s2f translate --to face "scans/*.png" --no-align
      s2f translate --to sketch photo.jpg --style all --sheet styles.png
      s2f translate --to face drawing.png --hair red --backdrop "#d0d8e0"
      s2f translate --to sketch inbox -o outbox --watch
      s2f translate --to sketch photos -o sketches --shard 0/4
      cat photo.jpg | s2f translate --to sketch - > sketch.png
    """
    if no_align and align != "auto":
        raise typer.BadParameter("--no-align and --align contradict each other")
    piped = pipes.piped(inputs, output, several=False)
    options = _options(
        size=size,
        align="none" if no_align else align,
        faces=faces or (None if piped else "all"),
        paste_back=paste_back,
        samples=samples,
        seed=seed,
        mean=mean,
        conditions=collect(condition, style=style, skin=skin, hair=hair, backdrop=backdrop),
        like=like,
        background=background,
    )
    suffix = _suffix(file_format, output)
    if suffix.lower() == ".svg" and to != "sketch":
        raise typer.BadParameter("an SVG holds lines: choose png, jpg or webp for faces")
    if background == "transparent" and suffix.lower() in (".jpg", ".jpeg", ".bmp"):
        raise typer.BadParameter(f"{suffix} cannot be transparent: choose png or webp")
    if piped and (options.gives_several_images or watch or compare or sheet is not None or as_json):
        raise typer.BadParameter(
            "stdin and stdout take one image: leave out --samples, --style all, --watch, --compare, --sheet, "
            "--json, and --faces all with --paste-back none"
        )
    if watch and (sheet or samples > 1 or not all(path.is_dir() for path in inputs)):
        raise typer.BadParameter("--watch takes local folders, and neither --sheet nor --samples")

    if shard or merge:
        _require_folder(output, alone=not ((shard and merge) or piped or watch or sheet))

    from s2f_cli.cli import model_choice, outputs
    from s2f_cli.cli.commands.translate import merging, mirror, pipe, sheets, videos
    from s2f_cli.cli.commands.translate import watch as watching
    from s2f_cli.cli.commands.translate.batch import ImageBatch
    from s2f_cli.cli.commands.translate.naming import Naming
    from s2f_cli.cli.commands.translate.opening import Hardware, open_pipeline
    from s2f_cli.cli.commands.translate.output import ResultPrinter
    from s2f_cli.cli.commands.translate.settings import settings_note
    from s2f_cli.cli.commands.translate.writing import ResultWriter
    from s2f_cli.core import shards

    hardware = Hardware(device, precision, engine)
    file = model_choice.choose(model, to)
    written = {"precision": precision, "engine": engine, "mark": mark, "metadata": keep_metadata}
    written |= {} if steady else {"steady": False}
    note = settings_note(file, to, options, written)
    if piped:
        writer = ResultWriter(open_pipeline(file, to, hardware, options), mark, keep_metadata, note)
        pipe.translate(writer, inputs[0], output, suffix)
        return
    pipeline = open_pipeline(file, to, hardware, options) if options.all_labels else None
    variants = list(pipeline.variants) if pipeline else [""]
    if merge and output is not None:
        merging.merge(Naming(to, output, suffix, overwrite, samples, variants, note), inputs, output, as_json)
        return
    with mirror.mirrored(inputs, output, to, shard) as here:
        naming = Naming(to, here.output, suffix, overwrite, samples, variants, note, here.shard)
        plan = naming.plan([] if watch else here.inputs)
        if plan.videos and (samples > 1 or options.all_labels or file_format or compare or sheet):
            raise typer.BadParameter(
                "a video has one result: leave out --samples, --style all, --format, --compare and --sheet"
            )
        printer = ResultPrinter(as_json, here.named)
        printer.skipped(plan.skipped, naming)
        outputs.say_unknown(plan.unknown)
        for path, reason in plan.failures.items():
            printer.failed(path, reason)
        if plan.images or plan.videos or watch:
            pipeline = pipeline or open_pipeline(file, to, hardware, options)
            writer = ResultWriter(pipeline, mark, keep_metadata, note)
            kept = sheets.MAX_ROWS if sheet or samples > 1 else 0
            batch = ImageBatch(pipeline, writer, printer, compare, kept)
            batch.run(plan.images)
            for source, target in plan.videos:
                videos.translate(writer, printer, source, target, steady)
            if watch:
                watching.watch(batch, naming, inputs)
            if samples > 1 and not options.all_labels and batch.rows:
                sheets.say_variances(batch.rows)
            if sheet and batch.rows:
                sheets.write(batch.rows, writer, sheet, printer)
        elif not plan.skipped and not plan.failures and not plan.unknown:
            console.say("nothing to translate")
        printer.finish()
        if shard and here.output is not None:
            shards.write_report(here.output, shard, printer.records)
    console.end_batch(printer.failures)


def _require_folder(output: Path | None, *, alone: bool) -> None:
    """Raise BadParameter if --shard or --merge cannot be used."""
    from s2f_cli.cli.commands.translate.naming import is_file_name

    if output is None or is_file_name(output) or not alone:
        raise typer.BadParameter(
            "--shard and --merge need a folder as --output; leave out --watch, --sheet and pipes"
        )


def _options(**values: Any) -> TranslateOptions:
    from s2f_cli.core.errors import S2FError
    from s2f_cli.inference.options import TranslateOptions

    try:
        return TranslateOptions(**values)
    except S2FError as error:
        raise typer.BadParameter(error.line) from None


def _suffix(file_format: str | None, output: Path | None) -> str:
    """The suffix of results; raises BadParameter if --format contradicts --output."""
    from s2f_cli.cli.commands.translate.naming import is_file_name

    if output is None or not is_file_name(output):
        return f".{file_format or 'png'}"
    if file_format and output.suffix.lower().replace("jpeg", "jpg") != f".{file_format}":
        raise typer.BadParameter(
            f"{output} does not end in .{file_format}: leave out --format, or name a folder"
        )
    return output.suffix
