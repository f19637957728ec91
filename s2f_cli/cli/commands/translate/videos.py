"""Videos of `s2f translate`: frames are translated, frame rate and sound are kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.batch import made_by
from s2f_cli.core import video
from s2f_cli.core.errors import S2FError
from s2f_cli.core.prefetch import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from s2f_cli.cli.commands.translate.output import ResultPrinter
    from s2f_cli.inference.pipeline import Pipeline


def translate(pipeline: Pipeline, printer: ResultPrinter, source: Path, target: Path) -> None:
    """Translate a video, and print its result or its failure."""
    start = time.perf_counter()
    try:
        frames = _write(pipeline.for_frames(), source, target)
    except S2FError as error:
        printer.failed(source, error.line)
        return
    seconds = round(time.perf_counter() - start, 4)
    printer.translated(source, [target], {"frames": frames, "seconds": seconds} | made_by(pipeline))


def _write(pipeline: Pipeline, source: Path, target: Path) -> int:
    """Translate a video to a file; return the number of frames."""
    original = video.probe(source)
    count = 0
    with console.progress() as bar, video.writing(target, original) as write:
        task = bar.add_task(source.name, total=original.frames)
        for outcome in pipeline.run(video.frames(original)):
            if isinstance(outcome, Failure):
                raise outcome.error
            write(outcome.value.image)
            count += 1
            bar.advance(task)
    return count
