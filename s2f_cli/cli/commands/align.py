"""`s2f align`."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from s2f_cli.cli import console

if TYPE_CHECKING:
    from s2f_cli.faces import align as aligning

SHOWN = 32
"""So many faces are on a preview."""


def align(
    photos: Annotated[
        Path, typer.Argument(help="The folder of photos or sketches; subfolders too.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the aligned faces.", show_default=False)
    ],
    preset: Annotated[
        str, typer.Option(help="Where the eyes go: report-b (128×128), cufs (200×250) or ffhq (256×256).")
    ] = "report-b",
    width: Annotated[
        int | None, typer.Option(help="The width of an aligned face in pixels.  [default: the preset's]")
    ] = None,
    faces: Annotated[
        Literal["largest", "best", "all"],
        typer.Option(help="Of several faces in one picture take the largest, the surest (best), or all."),
    ] = "largest",
    eyes: Annotated[
        Path | None,
        typer.Option(
            help="A CSV of eyes found by hand: file,left_x,left_y,right_x,right_y (middles, in pixels)."
        ),
    ] = None,
    min_eyes: Annotated[
        float, typer.Option(help="Leave out faces whose eyes are fewer pixels apart (outer corners).")
    ] = 20.0,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--skip-existing", help="What to do about faces that are there already."),
    ] = False,
    preview: Annotated[
        Path | None, typer.Option(help="Write a sheet of photos with their landmarks, beside their faces.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 is one for each core.", min=0)] = 0,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Where they run: here, or on a Ray cluster (extra ray).")
    ] = "local",
) -> None:
    """Find the faces in photos or sketches, turn them level and cut them out.

    Prints the path of each face it wrote; the tree of the folder is mirrored. Beside the faces,
    alignment.jsonl keeps the landmarks, the confidence and the transform of each, and left_out.csv names
    the pictures that were left out, with the reason.
    """
    from s2f_cli.cli.commands import output_tree
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.parallel import each
    from s2f_cli.faces import align as aligning
    from s2f_cli.faces import manual_eyes as eyes_by_hand

    settings = aligning.AlignSettings(preset, width, faces, min_eyes)
    by_hand = eyes_by_hand.in_folder(eyes, photos) if eyes else {}
    plan = output_tree.plan(photos, output, overwrite, numbered=faces == "all")
    jobs = (aligning.Job(source, target, by_hand.get(source)) for source, target in plan)
    records = aligning.Records(output)
    with console.progress() as bar:
        task = bar.add_task("aligning", total=len(plan))
        for outcome in each(partial(aligning.align_file, settings), jobs, workers, engine):
            for record in outcome.result or ():
                records.add(record)
                console.print_path(Path(record["file"]))
            if not outcome.result:
                plan.failures[str(outcome.thing.source)] = outcome.reason
            bar.advance(task)
    try:
        records.finish(plan.failures)
    except S2FError as problem:
        plan.failures[str(output)] = problem.line
    if plan.skipped:
        console.say(f"{plan.skipped} faces are there already (--overwrite aligns them anew)")
    if preview:
        _preview(records, preview)
    console.end_batch(plan.failures)


def _preview(records: "aligning.Records", target: Path) -> None:
    from s2f_cli.core import images
    from s2f_cli.faces.preview import preview

    images.write(preview(records.some(SHOWN)), target)
    console.print_path(target)
