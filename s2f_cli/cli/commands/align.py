"""`s2f align`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import console, options, outputs, pipes

if TYPE_CHECKING:
    from s2f_cli.faces.align import AlignmentRecords, AlignSettings

PREVIEWED = 32
"""The number of faces on a preview sheet."""


def align(
    photos: options.ImagesArgument,
    output: Annotated[Path | None, options.output_option("aligned")] = None,
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

    An output folder mirrors the tree of a folder of photos; its alignment.jsonl keeps the landmarks,
    confidence and transform of each face, and left_out.csv lists the photos that were left out, with the
    reason. Prints the path of each face it writes. Faces that were made with the same settings are skipped,
    unless the photo has changed since.

    Examples:
        s2f align photo.jpg
        s2f align photos --output faces --preview sheet.png
        s2f align sketches --output aligned --preset cufs --eyes eyes.csv
        cat photo.jpg | s2f align - > face.png
    """
    from s2f_cli.core import output_tree
    from s2f_cli.core.parallel import parallel_map
    from s2f_cli.faces import align as aligning
    from s2f_cli.faces import manual_eyes

    settings = aligning.AlignSettings(preset, width, faces, min_eyes)
    note = _note(settings, eyes)
    if pipes.piped(photos, output, several=faces == "all" or preview is not None):
        pipes.write(aligning.align(pipes.read(photos[0]), settings)[0].image, output, note)
        return
    find_eyes = manual_eyes.find_eyes(eyes, photos) if eyes else (lambda _: None)
    plan = output_tree.plan(photos, output, "aligned", overwrite, faces == "all", note)
    failures = {**plan.unusable, **plan.conflicts}
    jobs = (aligning.AlignJob(task.source, task.target, find_eyes(task.source), note) for task in plan)
    with aligning.records_of(output) as records, console.progress() as bar:
        task = bar.add_task("aligning", total=len(plan))
        for outcome in parallel_map(partial(aligning.align_file, settings), jobs, workers, engine):
            for record in outcome.result or ():
                records.add(record)
                console.print_path(Path(record["file"]))
            if not outcome.result:
                failures[str(outcome.item.source)] = outcome.reason
            bar.advance(task)
        records.finish()
        if preview:
            _write_preview(records, preview)
    outputs.finish(plan, output, failures, "faces")
    console.end_batch(failures)


def _note(settings: "AlignSettings", eyes: Path | None) -> str:
    """The note of aligned faces; it names the table of eyes by its content."""
    from dataclasses import asdict
    from hashlib import sha256

    from s2f_cli.core import made_with

    table = sha256(eyes.read_bytes()).hexdigest() if eyes and eyes.is_file() else None
    return made_with.note("align", **asdict(settings), eyes=table)


def _write_preview(records: "AlignmentRecords", target: Path) -> None:
    from s2f_cli.core import images
    from s2f_cli.faces.preview import preview

    images.write(preview(records.sample(PREVIEWED)), target)
    console.print_path(target)
