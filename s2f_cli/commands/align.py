"""`s2f align`."""

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from s2f_cli import console

RECORDS = "alignment.jsonl"


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
    workers: Annotated[int, typer.Option(help="Processes; 0 is one for each core.", min=0)] = 0,
) -> None:
    """Find the faces in photos or sketches, turn them level and cut them out.

    Prints the path of each face it wrote; the tree of the folder is mirrored, and alignment.jsonl beside the
    faces keeps the landmarks, the confidence and the transform of each.
    """
    from s2f_cli import aligning
    from s2f_cli.commands import _mirror
    from s2f_cli.workers import each

    settings = aligning.Settings(preset, width, faces, min_eyes)
    by_hand = aligning.read_eyes(eyes) if eyes else {}
    plan = _mirror.plan(photos, output, overwrite)
    jobs = [
        aligning.Job(source, target, by_hand.get(source.relative_to(photos).as_posix()))
        for source, target in plan.jobs
    ]
    if jobs:
        output.mkdir(parents=True, exist_ok=True)
        with console.progress() as bar, (output / RECORDS).open("a", encoding="utf-8") as log:
            task = bar.add_task("aligning", total=len(jobs))
            for outcome in each(partial(aligning.align_file, settings), jobs, workers):
                for record in outcome.result or ():
                    log.write(json.dumps(record, ensure_ascii=False) + "\n")
                    console.print_path(Path(record["file"]))
                log.flush()
                if not outcome.result:
                    plan.failures[str(outcome.thing.source)] = outcome.reason
                bar.advance(task)
        aligning.tidy_records(output / RECORDS)
    if plan.skipped:
        console.say(f"{plan.skipped} faces are there already (--overwrite aligns them anew)")
    console.end_batch(plan.failures)
