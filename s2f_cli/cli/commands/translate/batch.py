"""Run the image files of `s2f translate` through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import Task, face_file, result_files
from s2f_cli.core import contact_sheet
from s2f_cli.core.prefetch import Failure
from s2f_cli.models.domains import other

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from s2f_cli.cli.commands.translate.output import ResultPrinter
    from s2f_cli.cli.commands.translate.writing import ResultWriter
    from s2f_cli.core.prefetch import ItemOutcome
    from s2f_cli.inference.pipeline import Pipeline
    from s2f_cli.inference.translation import Translation

SheetRow = list["Image.Image"]
"""An input and its results, as the squares seen in training."""


@dataclass(frozen=True)
class Written:
    """The result files of an image, with details for JSON and contact sheets."""

    files: list[Path]
    size: tuple[int, int]
    """Width and height of the image, upright."""
    faces: list[dict[str, Any]]
    """The records of the faces that were translated."""
    rows: list[SheetRow]
    """Rows for a contact sheet; empty once it is full."""
    doubts: list[str]
    """What is doubtful about the image, such as that no face was found."""


@dataclass
class ImageBatch:
    """Translates image files, writes and prints the results, and keeps rows for a contact sheet."""

    pipeline: Pipeline
    writer: ResultWriter
    printer: ResultPrinter
    compare: bool
    """Whether to write input and result side by side."""
    max_rows: int
    rows: list[SheetRow] = field(default_factory=list)

    def run(self, tasks: Sequence[Task]) -> None:
        """Translate files, each to its target."""
        targets = dict(tasks)
        with console.progress() as bar:
            task = bar.add_task(f"to {self.pipeline.to}", total=len(targets))
            for outcome in self.pipeline.run(targets, partial(self._write, targets)):
                self._print(outcome)
                bar.advance(task)

    def _write(self, targets: Mapping[Path, Path], source: Path, translation: Translation) -> Written:
        files: list[Path] = []
        for index, (image, samples) in enumerate(zip(translation.inputs, translation.results, strict=True)):
            target = face_file(targets[source], index)
            sample_files = result_files(target, self.pipeline.variants, self.pipeline.samples)
            for file, sample in zip(sample_files, samples, strict=True):
                self.writer.write(sample, file, source)
            files += sample_files
            if self.compare:
                suffix = ".png" if target.suffix.lower() == ".svg" else target.suffix
                comparison = target.with_suffix(f".compare{suffix}")
                self.writer.write_composite(contact_sheet.side_by_side([image, *samples]), comparison)
                files.append(comparison)
        rows = self._rows(translation) if len(self.rows) < self.max_rows else []
        doubts = self.pipeline.doubts(translation)
        return Written(files, translation.photo.size, translation.face_records, rows, doubts)

    def _rows(self, translation: Translation) -> list[SheetRow]:
        fit, to = self.pipeline.translator.fit, self.pipeline.to
        return [
            [fit(image, other(to)), *(fit(sample, to) for sample in samples)]
            for image, samples in zip(translation.inputs, translation.results, strict=True)
        ]

    def _print(self, outcome: ItemOutcome[Path, Written]) -> None:
        if isinstance(outcome, Failure):
            self.printer.failed(outcome.item, outcome.error.line)
            return
        written = outcome.value
        self.rows = (self.rows + written.rows)[: self.max_rows]
        self.printer.doubted(outcome.item, written.doubts)
        details: dict[str, Any] = {"size": written.size, "faces": written.faces, "doubts": written.doubts}
        details["seconds"] = round(outcome.seconds, 4)
        self.printer.translated(outcome.item, written.files, details | made_by(self.pipeline))


def made_by(pipeline: Pipeline) -> dict[str, Any]:
    """Engine and device, and what a model with conditions was given for each result, for JSON."""
    engine = pipeline.translator.engine
    ran = {"engine": engine.name, "device": engine.device, "precision": engine.precision}
    variants = [dict(values) for values in pipeline.variants.values() if values]
    return ran | ({"conditions": variants} if variants else {})
