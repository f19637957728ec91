"""`s2f translate`: parse the options, translate, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import pipes
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
    MarkOption,
    MergeOption,
    ModelOption,
    OverwriteOption,
    ShardOption,
    ToOption,
    output_option,
)

if TYPE_CHECKING:
    from s2f_cli.inference.options import Size


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
    output: Annotated[Path | None, output_option("DOMAIN")] = None,
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
    engine: Annotated[
        Literal["auto", "onnx", "torch", "ray"],
        typer.Option(
            metavar="ENGINE",
            help="onnx (ONNX Runtime, starts in a third of the time), torch, auto (torch only where needed), "
            "or ray: as auto, on a Ray cluster (extra ray).",
            rich_help_panel=HARDWARE,
        ),
    ] = "auto",
    shard: ShardOption = None,
    merge: MergeOption = False,
) -> None:
    """Turn sketches into faces, or faces into sketches.

    A photo gives an image of its size: the whole photo is translated, its faces are aligned as the model
    needs them, translated, and pasted in. A video gives a video with the same frame rate and sound, which
    needs the extra video. URLs of folders in object stores need the extra remote.

    Prints the path of each file it writes. Results that were made with the same model and settings
    are skipped, unless the input has changed since. Files that s2f did not make are kept; a file named with
    --output is replaced. If a file fails, the reason goes to stderr, the others are translated, and the exit
    code is 1.

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

    from s2f_cli.cli.commands.translate.job import Job, translate_options
    from s2f_cli.cli.commands.translate.opening import Hardware

    options = translate_options(
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
    job = Job(
        inputs,
        to,
        output,
        options,
        file_format=file_format,
        overwrite=overwrite,
        mark=mark,
        keep_metadata=keep_metadata,
        steady=steady,
        watch=watch,
        compare=compare,
        sheet=sheet,
        as_json=as_json,
        shard=shard,
        merge=merge,
        ray=engine == "ray",
        piped=piped,
    )
    job.check()
    job.run(model, Hardware(device, precision, "auto" if engine == "ray" else engine))
