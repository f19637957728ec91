"""`s2f align`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import console, options

if TYPE_CHECKING:
    from s2f_cli.faces.align import AlignmentRecords

PREVIEWED = 32
"""The number of faces on a preview sheet."""


def align(
    photos: options.PhotoFolderArgument,
    output: options.OutputFolderOption,
    overwrite: options.OverwriteOption = False,
    preview: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a sheet of photos with landmarks, beside their aligned faces.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            metavar="PRESET",
            help="Where to place the eyes: report-b (128×128), cufs (200×250) or ffhq (256×256).",
            rich_help_panel=options.FACES,
        ),
    ] = "report-b",
    width: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            help="Width of an aligned face.",
            show_default="the preset's",
            rich_help_panel=options.FACES,
        ),
    ] = None,
    faces: Annotated[
        Literal["largest", "best", "all"],
        typer.Option(
            metavar="FACES",
            help="Which of several faces in a photo: the largest, the best (highest score), or all.",
            rich_help_panel=options.FACES,
        ),
    ] = "largest",
    eyes: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="Eyes found by hand: a CSV of file,left_x,left_y,right_x,right_y (centres, in pixels).",
            rich_help_panel=options.FACES,
        ),
    ] = None,
    min_eyes: Annotated[
        float,
        typer.Option(
            metavar="PIXELS",
            help="Leave out faces whose outer eye corners are closer than this.",
            rich_help_panel=options.FACES,
        ),
    ] = 20.0,
    workers: options.WorkersOption = 0,
    engine: options.EngineOption = "local",
) -> None:
    """Find the faces in photos or sketches, rotate them upright and crop them.

    Mirrors the tree of the folder and prints the path of each face it writes. In the output folder,
    alignment.jsonl keeps the landmarks, confidence and transform of each face, and left_out.csv lists the
    photos that were left out, with the reason.

    Examples:
        s2f align photos --output faces --preview sheet.png
        s2f align sketches --output aligned --preset cufs --eyes eyes.csv
    """
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.output_tree import mirror
    from s2f_cli.core.parallel import parallel_map
    from s2f_cli.faces import align as aligning
    from s2f_cli.faces import manual_eyes

    settings = aligning.AlignSettings(preset, width, faces, min_eyes)
    eyes_by_file = manual_eyes.eyes_in_folder(eyes, photos) if eyes else {}
    plan = mirror(photos, output, overwrite, numbered=faces == "all")
    failures = {**plan.unusable, **plan.conflicts}
    jobs = (aligning.AlignJob(source, target, eyes_by_file.get(source)) for source, target in plan)
    records = aligning.AlignmentRecords(output)
    with console.progress() as bar:
        task = bar.add_task("aligning", total=len(plan))
        for outcome in parallel_map(partial(aligning.align_file, settings), jobs, workers, engine):
            for record in outcome.result or ():
                records.add(record)
                console.print_path(Path(record["file"]))
            if not outcome.result:
                failures[str(outcome.item.source)] = outcome.reason
            bar.advance(task)
    try:
        records.finish(failures)
    except S2FError as problem:
        failures[str(output)] = problem.line
    if plan.existing:
        console.say(f"existing faces skipped: {plan.existing} (use --overwrite to redo them)")
    if preview:
        _write_preview(records, preview)
    console.end_batch(failures)


def _write_preview(records: "AlignmentRecords", target: Path) -> None:
    from s2f_cli.core import images
    from s2f_cli.faces.preview import preview

    images.write(preview(records.sample(PREVIEWED)), target)
    console.print_path(target)
