"""`s2f sketchify`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from s2f_cli.cli import completion, console, options, outputs, pipes
from s2f_cli.core import registry

PREVIEWED = 8
"""The number of photos on a preview sheet."""


def sketchify(
    photos: options.ImagesArgument,
    output: Annotated[Path | None, options.output_option("sketch")] = None,
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
            autocompletion=completion.sketchers,
        ),
    ] = "pencil",
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
    """Draw photos as sketches, with filters or a model.

    Sketchers: pencil (strokes and tone), xdog (ink lines), freehand (few even strokes, as drawn with a mouse
    or a felt-tip) and report_b (report B's filter).

    An output folder mirrors the tree of a folder of photos; its left_out.csv lists the photos that were left
    out, with the reason. Prints the path of each sketch it writes. Sketches that were made with the same
    settings are skipped, unless the photo has changed since.

    Examples:
        s2f sketchify photo.jpg
        s2f sketchify photos --output sketches
        s2f sketchify photos --output sketches --sketcher xdog --preview sheet.png
        cat photo.jpg | s2f sketchify - > sketch.png
    """
    from s2f_cli.core import images, made_with, output_tree
    from s2f_cli.core.parallel import parallel_map
    from s2f_cli.data import sketching
    from s2f_cli.inference.sketchers import find_styles

    styles = find_styles(sketcher) or (sketching.find_style(sketcher),)
    note = made_with.note("sketchify", sketcher=[[s.key, s.version] for s in styles], seed=seed)
    if pipes.piped(photos, output, several=preview is not None):
        drawn = sketching.draw(pipes.read(photos[0]), styles, seed, photos[0].name)
        pipes.write(drawn, output, note)
        return
    plan = output_tree.plan(photos, output, "sketch", overwrite, note=note)
    failures = {**plan.unusable, **plan.conflicts}
    jobs = (sketching.SketchJob(task.source, task.target, task.name, note) for task in plan)
    with console.progress() as bar:
        task = bar.add_task("sketching", total=len(plan))
        for outcome in parallel_map(partial(sketching.sketch_file, styles, seed), jobs, workers, engine):
            if outcome.result:
                console.print_path(outcome.result)
            else:
                failures[str(outcome.item.source)] = outcome.reason
            bar.advance(task)
    outputs.finish(plan, output, failures, "sketches")
    if preview:
        images.write(sketching.preview(plan.sample(PREVIEWED), seed, styles), preview)
        console.print_path(preview)
    console.end_batch(failures)
