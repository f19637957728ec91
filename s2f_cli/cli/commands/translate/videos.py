"""`s2f translate` of a video: its frames through the model, its rate and its sound kept."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from s2f_cli.cli import console
from s2f_cli.core import prefetch, video
from s2f_cli.core.errors import S2FError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from s2f_cli.cli.commands.translate.output import Records
    from s2f_cli.inference.pipeline import Pipeline


def translate(drawing: Pipeline, records: Records, source: Path, target: Path) -> None:
    """Translate a video, and tell what became of it."""
    start = time.perf_counter()
    try:
        count = _written(drawing, source, target)
    except S2FError as problem:
        records.fail(source, problem.line)
        return
    records.done(source, [target], frames=count, seconds=round(time.perf_counter() - start, 4))


def _written(drawing: Pipeline, source: Path, target: Path) -> int:
    """How many frames were translated."""
    found = video.look(source)
    drawing = replace(drawing, as_needed=True)
    if drawing.back == "none":  # faces alone would have other sizes than frames without one
        drawing = replace(drawing, looking=None)

    def kept(_: Image.Image, __: object, made: list[list[Image.Image]]) -> Image.Image:
        return made[0][0]

    with console.progress() as bar, video.writing(target, found) as put:
        task = bar.add_task(source.name, total=found.frames)
        count = 0
        for done in prefetch.pipelined_map(
            video.frames(found),
            drawing.cut,
            drawing.weight,
            drawing.translator.pixel_budget(drawing.to),
            drawing.results,
            kept,
        ):
            if done.stored is None:
                assert done.problem is not None
                raise done.problem
            put(done.stored)
            count += 1
            bar.advance(task)
    return count
