"""Measuring with a progress bar, and what a person sees of the scores."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from PIL import ImageFilter
from rich.text import Text

from s2f_cli.cli import console
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation import records
from s2f_cli.evaluation.features import FeatureStore
from s2f_cli.evaluation.gallery import Gallery
from s2f_cli.evaluation.junit import junit
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.report import report
from s2f_cli.evaluation.rows import Row, printed_rows
from s2f_cli.evaluation.scoring import Sample, Scorer
from s2f_cli.evaluation.subjects import Skipped, Subject
from s2f_cli.evaluation.thresholds import Gate, missed, read_baseline, regressions

_BLUR = 1 / 128
"""The radius of a control's blur as a share of the image's longer side, 2 pixels at 256; 1 pixel at least."""


@dataclass(frozen=True)
class Measuring:
    """How subjects are measured."""

    metrics: Mapping[str, Metric]
    store: FeatureStore
    resize: bool
    weights: Mapping[str, Path]
    control: bool
    gallery: bool

    def scorer(self) -> Scorer:
        """A fresh scorer."""
        return Scorer(self.metrics, self.store, resize=self.resize, weights=self.weights)

    def run(self, subject: Subject) -> list[tuple[Row, Gallery | None]]:
        """Score all samples of a subject: its row, its blurred twin's, those that reports print."""
        left_out: dict[str, str] = {}
        scorer, blurred = self.scorer(), self.scorer() if self.control else None
        gallery = Gallery() if self.gallery else None
        with console.progress() as bar:
            task = bar.add_task(f"scoring {subject.name} {subject.direction}".rstrip(), total=len(subject))
            for sample in subject.samples():
                if isinstance(sample, Skipped):
                    left_out[sample.name] = sample.reason
                    continue
                try:
                    scorer.add(sample)
                    if blurred is not None:
                        blurred.add(_blur(sample))
                except ImageError as problem:
                    left_out[sample.name] = f"{problem.message}; {problem.hint}"
                if gallery is not None:
                    gallery.add(sample)
                bar.advance(task)
            head = (subject.direction, subject.data)
            row = Row(subject.name, *head, scorer.scores(), left_out, subject.provenance)
            found: list[tuple[Row, Gallery | None]] = [(row, gallery)]
            if blurred is not None:
                control = Row(f"{subject.name}, blurred", *head, blurred.scores(), kind="control")
                found.append((control, None))
        return found + [(printed, None) for printed in printed_rows(subject, self.metrics)]


def _blur(sample: Sample) -> Sample:
    if sample.generated is None:
        return sample
    radius = max(1.0, max(sample.generated.size) * _BLUR)
    return replace(sample, generated=sample.generated.filter(ImageFilter.GaussianBlur(radius)))


def show(rows: Sequence[Row], metrics: Mapping[str, Metric], by: Sequence[str] = ()) -> None:
    """The scores as a table on stdout, the best in bold, with a line for each metric that says what it is."""
    mark = "\0"
    lines = [
        [Text(cell.strip(mark), "bold") if cell.startswith(mark) else cell for cell in line]
        for line in records.cells(rows, metrics, (mark, mark))
    ]
    console.out.print(console.table("", records.columns(rows, metrics), lines))
    for title, heads, body in _breakdowns(rows, metrics, by):
        console.out.print(console.table(title, heads, body))
    for line in records.legend(rows, metrics):
        console.out.print(line, style="dim", markup=False, highlight=False)


def show_json(rows: Sequence[Row], metrics: Mapping[str, Metric], by: Sequence[str] = ()) -> None:
    """Everything as JSON."""
    console.print_json(records.as_json(rows, metrics, by))


def show_markdown(rows: Sequence[Row], metrics: Mapping[str, Metric], by: Sequence[str] = ()) -> None:
    """The same as Markdown."""
    blocks = [console.markdown(records.columns(rows, metrics), records.cells(rows, metrics, ("**", "**")))]
    for title, heads, body in _breakdowns(rows, metrics, by):
        blocks += [title, console.markdown(heads, body)]
    blocks.append("\n".join(f"- {line}" for line in records.legend(rows, metrics)))
    typer.echo(_bytes("\n\n".join(blocks)))


def _breakdowns(
    rows: Sequence[Row], metrics: Mapping[str, Metric], by: Sequence[str]
) -> list[tuple[str, list[str], list[list[str]]]]:
    return [
        (f"{row.name} {row.direction}".strip(), *records.breakdown(row, metrics, attribute))
        for row in rows
        if row.kind == "measured"
        for attribute in by
    ]


def write_per_image(file: Path, rows: Sequence[Row], metrics: Mapping[str, Metric]) -> None:
    """The scores of each image as CSV, written whole or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records.per_image_table(rows, metrics))
    atomic_write(file, _bytes(text.getvalue()))


def write_junit(
    file: Path, rows: Sequence[Row], metrics: Mapping[str, Metric], problems: Sequence[Mapping[str, str]]
) -> None:
    """A JUnit report, written whole or not at all."""
    atomic_write(file, junit(rows, metrics, problems))


def write_report(
    file: Path,
    rows: Sequence[Row],
    metrics: Mapping[str, Metric],
    galleries: Sequence[Gallery | None],
    by: Sequence[str],
    command: str,
) -> None:
    """A page of HTML, written whole or not at all."""
    atomic_write(file, _bytes(report(rows, metrics, galleries, by=by, command=command)))
    console.say(f"report: {file}")


def _bytes(text: str) -> bytes:
    """A text in UTF-8; what of a file name is no text is escaped."""
    return text.encode("utf-8", "backslashreplace")


def problems(rows: Sequence[Row], metrics: Mapping[str, Metric], gate: Gate) -> list[dict[str, str]]:
    """What each row misses of the gate: metric → a line."""
    earlier = read_baseline(gate.baseline) if gate.baseline else {"results": []}
    return [regressions(row, metrics, earlier, gate.tolerance) | missed(row, gate.thresholds) for row in rows]


def end(rows: Sequence[Row], problems: Sequence[Mapping[str, str]], left_out: Mapping[str, str]) -> None:
    """Say what failed and what missed a threshold; exit 1 if anything failed, else 3 if a threshold did."""
    failed = {name: problem for row in rows for name, problem in row.scores.failed.items()}
    for problem in failed.values():
        console.print_error(problem)
    for row, lines in zip(rows, problems, strict=True):
        for line in lines.values():
            console.say(f"threshold missed: {row.name} {row.direction}".rstrip() + f": {line}")
    skipped = dict(left_out)
    for row in rows:
        skipped |= row.left_out
        for metric, images in row.scores.undefined.items():
            skipped |= {f"{row.name} {image}, {metric}": "the score is undefined" for image in images}
    console.end_batch(skipped)
    if failed:
        raise typer.Exit(console.FAILED)
    if any(problems):
        raise typer.Exit(console.BELOW_THRESHOLD)
