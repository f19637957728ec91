"""Videos of `s2f translate`: frames are translated, frame rate and sound are kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.batch import made_by
from s2f_cli.core import video
from s2f_cli.core.errors import S2FError
from s2f_cli.core.prefetch import Failure
from s2f_cli.core.video_writer import writing
from s2f_cli.inference.frames import translate_frames

if TYPE_CHECKING:
    from pathlib import Path

    from s2f_cli.cli.commands.translate.output import ResultPrinter
    from s2f_cli.cli.commands.translate.writing import ResultWriter


def translate(writer: ResultWriter, printer: ResultPrinter, source: Path, target: Path, steady: bool) -> None:
    """Translate a video, with faces that are followed if `steady`; print its result or its failure."""
    start = time.perf_counter()
    try:
        frames = _write(writer, source, target, steady)
    except S2FError as error:
        printer.failed(source, error.line)
        return
    seconds = round(time.perf_counter() - start, 4)
    printer.translated(source, [target], {"frames": frames, "seconds": seconds} | made_by(writer.pipeline))


def _write(writer: ResultWriter, source: Path, target: Path, steady: bool) -> int:
    """Translate a video to a file; return the number of frames."""
    original = video.probe(source)
    count = 0
    with console.progress() as bar, writing(target, original, writer.properties()) as write:
        task = bar.add_task(source.name, total=original.frames)
        frames = video.frames(original, denoised=steady)
        for outcome in translate_frames(writer.pipeline, frames, float(original.rate), tracked=steady):
            if isinstance(outcome, Failure):
                raise outcome.error
            write(outcome.value.image)
            count += 1
            bar.advance(task)
    return count
