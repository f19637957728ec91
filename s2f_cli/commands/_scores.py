"""Measuring with a progress bar, and what a person sees of the scores."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import typer

from s2f_cli import console
from s2f_cli.errors import ImageError
from s2f_cli.evaluation import records
from s2f_cli.evaluation.records import Row
from s2f_cli.evaluation.scoring import Scorer
from s2f_cli.evaluation.subjects import Skipped, Subject
from s2f_cli.evaluation.thresholds import Threshold, missed
from s2f_cli.files import write_whole
from s2f_cli.metrics._contract import Metric


def measure(subject: Subject, scorer: Scorer) -> Row:
    """Score all samples of a subject, with a progress bar."""
    left_out: dict[str, str] = {}
    with console.progress() as bar:
        task = bar.add_task(f"scoring {subject.name} {subject.direction}".rstrip(), total=len(subject))
        for sample in subject.samples():
            if isinstance(sample, Skipped):
                left_out[sample.name] = sample.reason
            else:
                try:
                    scorer.add(sample)
                except ImageError as problem:
                    left_out[sample.name] = f"{problem.message}; {problem.hint}"
            bar.advance(task)
        return Row(subject.name, subject.direction, subject.data, scorer.scores(), left_out)


def show(
    rows: Sequence[Row], metrics: Mapping[str, Metric], form: Literal["table", "markdown", "json"]
) -> None:
    """The scores on stdout, with a line for each metric that says what exactly it is."""
    if form == "json":
        console.print_json(records.as_json(rows, metrics))
        return
    heads, lines = records.columns(rows, metrics), records.cells(rows, metrics)
    legend = records.legend(rows, metrics)
    if form == "markdown":
        print(console.markdown(heads, lines), "", *(f"- {line}" for line in legend), sep="\n")
    else:
        console.out.print(console.table("", heads, lines))
        for line in legend:
            console.out.print(line, style="dim", markup=False, highlight=False)


def write_per_image(file: Path, rows: Sequence[Row], metrics: Mapping[str, Metric]) -> None:
    """The scores of each image as CSV, written whole or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records.per_image_table(rows, metrics))
    write_whole(file, text.getvalue())


def end(rows: Sequence[Row], thresholds: Sequence[Threshold], left_out: Mapping[str, str]) -> None:
    """Say what failed and what missed a threshold; exit 1 if anything failed, else 3 if a threshold did."""
    failed = {name: problem for row in rows for name, problem in row.scores.failed.items()}
    for problem in failed.values():
        console.complain(problem)
    late = [(row, line) for row in rows for line in missed(row.scores.metrics, thresholds)]
    for row, line in late:
        console.say(f"threshold missed: {row.name} {row.direction}".rstrip() + f": {line}")
    skipped = dict(left_out)
    for row in rows:
        skipped |= row.left_out
        for metric, images in row.scores.undefined.items():
            skipped |= {f"{row.name} {image}, {metric}": "the score is undefined" for image in images}
    console.end_batch(skipped)
    if failed:
        raise typer.Exit(console.FAILED)
    if late:
        raise typer.Exit(console.BELOW_THRESHOLD)
