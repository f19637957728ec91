"""`s2f sketchify`."""

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from s2f_cli.cli import console

SHOWN = 8
"""So many photos are on a preview."""


def sketchify(
    photos: Annotated[Path, typer.Argument(help="The folder of photos; subfolders too.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the sketches.", show_default=False)
    ],
    sketcher: Annotated[str, typer.Option(help="How to draw; --preview shows them all.")] = "report_b",
    seed: Annotated[int, typer.Option(help="The seed of what is random; each photo has its own draws.")] = 0,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite/--skip-existing", help="What to do about sketches that are there already."),
    ] = False,
    preview: Annotated[
        Path | None, typer.Option(help="Write a sheet of some photos, drawn by every sketcher there is.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0 is one for each core.", min=0)] = 0,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Where they run: here, or on a Ray cluster (extra ray).")
    ] = "local",
) -> None:
    """Draw every photo of a folder as a sketch, with a filter instead of a model.

    Sketchers: report_b (report B's filter), xdog (ink lines), pencil (strokes and tone).

    Prints the path of each sketch it wrote; the tree of the folder is mirrored. Beside the sketches
    left_out.csv names the files that were left out, with the reason.
    """
    from s2f_cli.cli.commands import output_tree
    from s2f_cli.core import registry
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.files import write_left_out
    from s2f_cli.core.parallel import each
    from s2f_cli.data import sketching

    registry.find("sketchers", sketcher)
    plan = output_tree.plan(photos, output, overwrite)
    jobs = (
        sketching.SketchJob(source, target, source.relative_to(photos).as_posix()) for source, target in plan
    )
    with console.progress() as bar:
        task = bar.add_task("sketching", total=len(plan))
        for outcome in each(partial(sketching.sketch_file, sketcher, seed), jobs, workers, engine):
            if outcome.result:
                console.print_path(outcome.result)
            else:
                plan.failures[str(outcome.thing.source)] = outcome.reason
            bar.advance(task)
    try:
        write_left_out(output, plan.failures)
    except S2FError as problem:
        console.print_error(problem)
    if plan.skipped:
        console.say(f"{plan.skipped} sketches are there already (--overwrite draws them anew)")
    if preview:
        from s2f_cli.core import images

        images.write(sketching.preview(plan.some(SHOWN), seed), preview)
        console.print_path(preview)
    console.end_batch(plan.failures)
