"""A batch of `s2f translate`: pictures in, files out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import a_face, numbered
from s2f_cli.core import contact_sheet, images, prefetch

if TYPE_CHECKING:
    from PIL import Image

    from s2f_cli.cli.commands.translate.naming import Job
    from s2f_cli.cli.commands.translate.output import Records
    from s2f_cli.core.prefetch import Delivered
    from s2f_cli.inference.face_crops import FaceCrops
    from s2f_cli.inference.pipeline import Pipeline


@dataclass(frozen=True)
class Written:
    """What one picture became."""

    files: list[Path]
    size: tuple[int, int]
    """Of the picture, upright."""
    faces: list[dict[str, Any]]
    rows: list[list[Image.Image]]
    """Each input that the model saw, with its results, as the squares of training; none unless kept."""


@dataclass
class Batch:
    """How pictures are translated and told of, and what became of them."""

    drawing: Pipeline
    records: Records
    compare: bool
    keep: int
    """So many rows at most are kept for a sheet."""
    rows: list[list[Image.Image]] = field(default_factory=list)

    def run(self, jobs: list[Job]) -> None:
        """Translate them, and tell what became of each."""
        drawing = self.drawing
        with console.progress() as bar:
            task = bar.add_task(f"to {drawing.to}", total=len(jobs))
            for done in prefetch.pipelined_map(
                jobs,
                lambda job: drawing.cut(images.read(job[0])),
                drawing.weight,
                drawing.translator.pixel_budget(drawing.to),
                drawing.results,
                self._write,
            ):
                self._tell(done)
                bar.advance(task)

    def _write(self, job: Job, one: FaceCrops, made: list[list[Image.Image]]) -> Written:
        drawing, files = self.drawing, list[Path]()
        pasted = drawing.back != "none"
        inputs = [one.photo] if pasted else one.pictures
        for number, samples in enumerate(made):
            target = a_face(job[1], number)
            written = numbered(target, drawing.samples)
            for file, image in zip(written, samples, strict=True):
                images.write(image, file, flush=False)
            files += written
            if self.compare:
                both = target.with_suffix(f".compare{target.suffix}")
                images.write(contact_sheet.beside([inputs[number], *samples]), both, flush=False)
                files.append(both)
        fit, to = drawing.translator.fit, drawing.to
        shown = zip(inputs, made, strict=True) if len(self.rows) < self.keep else ()
        rows = [[fit(p, images.other(to)), *(fit(image, to) for image in samples)] for p, samples in shown]
        return Written(files, one.photo.size, [face.record() for face in one.faces], rows)

    def _tell(self, done: Delivered[Job, Written]) -> None:
        source, written = done.thing[0], done.stored
        if written is None:
            assert done.problem is not None
            self.records.fail(source, done.problem.line)
            return
        self.rows = (self.rows + written.rows)[: self.keep]
        seconds = round(done.seconds, 4)
        self.records.done(source, written.files, size=written.size, faces=written.faces, seconds=seconds)
