"""One call of `s2f translate`: what its options ask for, checked and carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from s2f_cli.cli import console, model_choice, outputs
from s2f_cli.cli.commands.translate import merging, mirror, on_ray, pipe, sheets, videos
from s2f_cli.cli.commands.translate import watch as watching
from s2f_cli.cli.commands.translate.batch import ImageBatch
from s2f_cli.cli.commands.translate.naming import Naming, is_file_name
from s2f_cli.cli.commands.translate.opening import Hardware, open_pipeline
from s2f_cli.cli.commands.translate.output import ResultPrinter
from s2f_cli.cli.commands.translate.settings import settings_note
from s2f_cli.cli.commands.translate.writing import ResultWriter
from s2f_cli.core import shards
from s2f_cli.core.errors import S2FError
from s2f_cli.inference.options import TranslateOptions

if TYPE_CHECKING:
    from s2f_cli.cli.commands.translate.naming import TranslatePlan
    from s2f_cli.inference.pipeline import Pipeline
    from s2f_cli.models.domains import Domain


def translate_options(**values: Any) -> TranslateOptions:
    """How images are translated; raises BadParameter for values that contradict each other."""
    try:
        return TranslateOptions(**values)
    except S2FError as error:
        raise typer.BadParameter(error.line) from None


@dataclass(frozen=True)
class Job:
    """The inputs of one call, what to make of them and where to write it; named like the options."""

    inputs: list[Path]
    to: Domain
    output: Path | None
    options: TranslateOptions
    file_format: str | None
    overwrite: bool
    mark: bool
    keep_metadata: bool
    steady: bool
    watch: bool
    compare: bool
    sheet: Path | None
    as_json: bool
    shard: shards.Shard | None
    merge: bool
    ray: bool
    """Whether shards are translated on a Ray cluster."""
    piped: bool
    """Whether one image comes from stdin, or goes to stdout."""

    @property
    def several(self) -> bool:
        """Whether each input has several samples."""
        return self.options.samples > 1

    @cached_property
    def suffix(self) -> str:
        """The suffix of results; raises BadParameter if --format contradicts --output."""
        if self.output is None or not is_file_name(self.output):
            return f".{self.file_format or 'png'}"
        if self.file_format and self.output.suffix.lower().replace("jpeg", "jpg") != f".{self.file_format}":
            raise typer.BadParameter(
                f"{self.output} does not end in .{self.file_format}: leave out --format, or name a folder"
            )
        return self.output.suffix

    def check(self) -> None:
        """Raise BadParameter if options contradict each other."""
        suffix = self.suffix.lower()
        if suffix == ".svg" and self.to != "sketch":
            raise typer.BadParameter("an SVG holds lines: choose png, jpg or webp for faces")
        if self.options.background == "transparent" and suffix in (".jpg", ".jpeg", ".bmp"):
            raise typer.BadParameter(f"{suffix} cannot be transparent: choose png or webp")
        extras = self.watch or self.compare or self.sheet is not None or self.as_json
        if self.piped and (self.options.gives_several_images or extras):
            raise typer.BadParameter(
                "stdin and stdout take one image: leave out --samples, --style all, --watch, --compare, "
                "--sheet, --json, and --faces all with --paste-back none"
            )
        if self.watch and (self.sheet or self.several or not all(path.is_dir() for path in self.inputs)):
            raise typer.BadParameter("--watch takes local folders, and neither --sheet nor --samples")
        divided = [bool(self.shard), self.merge, self.ray]
        if any(divided):
            alone = sum(divided) == 1 and not (self.piped or self.watch or self.sheet)
            if self.output is None or is_file_name(self.output) or not alone:
                raise typer.BadParameter(
                    "each of --shard, --merge and --engine ray needs a folder as --output, and excludes the "
                    "others, --watch, --sheet and pipes"
                )

    def run(self, model: str | None, hardware: Hardware) -> None:
        """Translate, and print the path of each file; raises Exit(1) at the end if an input failed."""
        file = model_choice.choose(model, self.to)
        if self.piped:
            pipeline = open_pipeline(file, self.to, hardware, self.options)
            writer = self._writer(pipeline, self._note(file, hardware))
            pipe.translate(writer, self.inputs[0], self.output, self.suffix)
            return
        naming, opened = self._prepare(file, hardware)
        if self.merge and self.output is not None:
            merging.merge(naming, self.inputs, self.output, self.as_json)
        elif self.ray:
            on_ray.translate(self, model or str(file), hardware, naming)
        else:
            console.end_batch(self._run(file, hardware, naming, opened).failures)

    def records(self, model: str, hardware: Hardware) -> list[dict[str, Any]]:
        """Translate, and return what happened to each input, as --json prints it."""
        file = model_choice.named(model)
        return self._run(file, hardware, *self._prepare(file, hardware)).records

    def _prepare(self, file: Path, hardware: Hardware) -> tuple[Naming, Pipeline | None]:
        """How results are named, and the pipeline if the model had to be opened for that."""
        labelled = self.options.all_labels
        pipeline = open_pipeline(file, self.to, hardware, self.options) if labelled else None
        variants = list(pipeline.variants) if pipeline else [""]
        note, samples = self._note(file, hardware), self.options.samples
        naming = Naming(self.to, self.output, self.suffix, self.overwrite, samples, variants, note)
        return naming, pipeline

    def _run(
        self, file: Path, hardware: Hardware, naming: Naming, pipeline: Pipeline | None
    ) -> ResultPrinter:
        """Translate, and print the path of each file; a shard also writes its report."""
        with mirror.mirrored(self.inputs, self.output, self.to, self.shard) as here:
            naming = replace(naming, output=here.output, shard=here.shard)
            plan = naming.plan([] if self.watch else here.inputs)
            self._check_videos(plan)
            printer = ResultPrinter(self.as_json)
            printer.skipped(plan.skipped, naming)
            outputs.say_unknown(plan.unknown)
            for path, reason in plan.failures.items():
                printer.failed(path, reason)
            if plan.images or plan.videos or self.watch:
                pipeline = pipeline or open_pipeline(file, self.to, hardware, self.options)
                self._translate(self._writer(pipeline, naming.note), plan, naming, printer)
            elif not plan.skipped and not plan.failures and not plan.unknown:
                console.say("nothing to translate")
            printer.finish()
            if self.shard and here.output is not None and not self.ray:
                shards.write_report(here.output, self.shard, printer.records)
        return printer

    def _translate(
        self, writer: ResultWriter, plan: TranslatePlan, naming: Naming, printer: ResultPrinter
    ) -> None:
        kept = sheets.MAX_ROWS if self.sheet or self.several else 0
        batch = ImageBatch(writer.pipeline, writer, printer, self.compare, kept)
        batch.run(plan.images)
        for source, target in plan.videos:
            videos.translate(writer, printer, source, target, self.steady)
        if self.watch:
            watching.watch(batch, naming, self.inputs)
        if self.several and not self.options.all_labels and batch.rows:
            sheets.say_variances(batch.rows)
        if self.sheet and batch.rows:
            sheets.write(batch.rows, writer, self.sheet, printer)

    def _check_videos(self, plan: TranslatePlan) -> None:
        choices = self.several or self.options.all_labels or self.file_format or self.compare or self.sheet
        if plan.videos and choices:
            raise typer.BadParameter(
                "a video has one result: leave out --samples, --style all, --format, --compare and --sheet"
            )

    def _note(self, file: Path, hardware: Hardware) -> str:
        """The settings that are written into results, by which a second call skips them."""
        written = {
            "precision": hardware.precision,
            "engine": hardware.engine,
            "mark": self.mark,
            "metadata": self.keep_metadata,
        }
        written |= {} if self.steady else {"steady": False}
        return settings_note(file, self.to, self.options, written)

    def _writer(self, pipeline: Pipeline, note: str) -> ResultWriter:
        return ResultWriter(pipeline, self.mark, self.keep_metadata, note)
