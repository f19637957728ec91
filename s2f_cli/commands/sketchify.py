"""`s2f sketchify`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli import console


def sketchify(
    photos: Annotated[Path, typer.Argument(help="The folder of photos; subfolders too.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the sketches.", show_default=False)
    ],
    sketcher: Annotated[str, typer.Option(help="How to draw; see `docs/data.md`.")] = "dodge",
    seed: Annotated[int, typer.Option(help="The seed of what is random; each photo has its own draws.")] = 0,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--skip-existing", help="What to do about sketches that are there already."),
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes; 0 is one for each core.", min=0)] = 0,
) -> None:
    """Draw every photo of a folder as a pencil sketch, with a filter instead of a model.

    Prints the path of each sketch it wrote; the tree of the folder is mirrored.
    """
    from s2f_cli import parts, sketching
    from s2f_cli.commands import _mirror
    from s2f_cli.workers import each

    parts.find("sketchers", sketcher)
    plan = _mirror.plan(photos, output, overwrite)
    jobs = [
        sketching.Job(source, target, source.relative_to(photos).as_posix()) for source, target in plan.jobs
    ]
    with console.progress() as bar:
        task = bar.add_task("sketching", total=len(jobs))
        for outcome in each(partial(sketching.sketch_file, sketcher, seed), jobs, workers):
            if outcome.result:
                console.print_path(outcome.result)
            else:
                plan.failures[str(outcome.thing.source)] = outcome.reason
            bar.advance(task)
    if plan.skipped:
        console.say(f"{plan.skipped} sketches are there already (--overwrite draws them anew)")
    console.end_batch(plan.failures)
