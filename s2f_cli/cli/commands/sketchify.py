"""`s2f sketchify`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import console, options
from s2f_cli.core import registry

PREVIEWED = 8
"""The number of photos on a preview sheet."""


def sketchify(
    photos: options.PhotoFolderArgument,
    output: options.OutputFolderOption,
    overwrite: options.OverwriteOption = False,
    preview: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a sheet of some photos, drawn by every sketcher and style.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    sketcher: Annotated[
        str,
        typer.Option(
            metavar="SKETCHER",
            help=f"How to draw: {', '.join(registry.names('sketchers'))}, or a model, as MODEL or "
            "MODEL:STYLE. Of several, with commas, one draws each photo.",
            rich_help_panel=options.SKETCH,
        ),
    ] = "report_b",
    seed: Annotated[
        int,
        typer.Option(
            metavar="SEED",
            help="Seed of all random choices; each photo has its own.",
            rich_help_panel=options.SKETCH,
        ),
    ] = 0,
    workers: options.WorkersOption = 0,
    engine: options.EngineOption = "local",
) -> None:
    """Draw every photo of a folder as a sketch, with filters or a model.

    Sketchers: report_b (report B's filter), xdog (ink lines), pencil (strokes and tone) and freehand (few
    even strokes, as drawn with a mouse or a felt-tip).

    Mirrors the tree of the folder and prints the path of each sketch it writes. In the output folder,
    left_out.csv lists the photos that were left out, with the reason.

    Examples:
        s2f sketchify photos --output sketches
        s2f sketchify photos --output sketches --sketcher pencil --preview sheet.png
    """
    from s2f_cli.core import images
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.files import write_left_out
    from s2f_cli.core.output_tree import mirror
    from s2f_cli.core.parallel import parallel_map
    from s2f_cli.data import sketching
    from s2f_cli.inference.sketchers import find_styles

    styles = find_styles(sketcher) or (sketching.find_style(sketcher),)
    plan = mirror(photos, output, overwrite)
    failures = {**plan.unusable, **plan.conflicts}
    jobs = (
        sketching.SketchJob(source, target, source.relative_to(photos).as_posix()) for source, target in plan
    )
    with console.progress() as bar:
        task = bar.add_task("sketching", total=len(plan))
        for outcome in parallel_map(partial(sketching.sketch_file, styles, seed), jobs, workers, engine):
            if outcome.result:
                console.print_path(outcome.result)
            else:
                failures[str(outcome.item.source)] = outcome.reason
            bar.advance(task)
    try:
        write_left_out(output, failures)
    except S2FError as problem:
        console.print_error(problem)
    if plan.existing:
        console.say(f"existing sketches skipped: {plan.existing} (use --overwrite to redo them)")
    if preview:
        images.write(sketching.preview(plan.sample(PREVIEWED), seed, styles), preview)
        console.print_path(preview)
    console.end_batch(failures)
