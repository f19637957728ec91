"""Print and write the results of `s2f evaluate`."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.progress import TaskID
from rich.text import Text

from s2f_cli.cli import console
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation import tables
from s2f_cli.evaluation.evaluator import Evaluation
from s2f_cli.evaluation.junit import junit
from s2f_cli.evaluation.measurement import Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A progress bar on stderr for each subject."""
    with console.progress() as display:
        tasks: dict[str, TaskID] = {}

        def update(subject: str, scored: int, total: int) -> None:
            if subject not in tasks:
                tasks[subject] = display.add_task(f"scoring {subject}", total=total)
            display.update(tasks[subject], completed=scored)

        yield update


def show_table(evaluation: Evaluation, by: Sequence[str]) -> None:
    """Print the scores as a table, the best in bold, with breakdowns and a legend below."""
    mark = "\0"
    rows = [
        [Text(cell.strip(mark), "bold") if cell.startswith(mark) else cell for cell in row]
        for row in tables.cells(evaluation.results, evaluation.metrics, (mark, mark))
    ]
    console.out.print(console.table("", tables.columns(evaluation.results, evaluation.metrics), rows))
    for title, headings, body in _breakdowns(evaluation, by):
        console.out.print(console.table(title, headings, body))
    for line in tables.legend(evaluation.results, evaluation.metrics):
        console.print_line(line, dim=True)


def show_json(evaluation: Evaluation, by: Sequence[str]) -> None:
    """Print everything as one JSON document."""
    console.print_json(evaluation.as_json(by))


def show_markdown(evaluation: Evaluation, by: Sequence[str]) -> None:
    """Print the scores as Markdown tables, with a legend below."""
    columns = tables.columns(evaluation.results, evaluation.metrics)
    cells = tables.cells(evaluation.results, evaluation.metrics, ("**", "**"))
    blocks = [console.markdown(columns, cells)]
    for title, headings, body in _breakdowns(evaluation, by):
        blocks += [console.markdown_text(title), console.markdown(headings, body)]
    blocks.append(
        "\n".join(
            f"- {console.markdown_text(line)}"
            for line in tables.legend(evaluation.results, evaluation.metrics)
        )
    )
    typer.echo(_encoded("\n\n".join(blocks)))


def _breakdowns(evaluation: Evaluation, by: Sequence[str]) -> Iterator[tuple[str, list[str], tables.Cells]]:
    for result in evaluation:
        if result.kind == "measured":
            for attribute in by:
                yield result.title, *tables.breakdown(result, evaluation.metrics, attribute)


def write_per_image(file: Path, evaluation: Evaluation) -> None:
    """Write the scores of each image as CSV."""
    text = io.StringIO()
    rows = tables.per_image(evaluation.results, evaluation.metrics)
    csv.writer(text, lineterminator="\n").writerows(rows)
    atomic_write(file, _encoded(text.getvalue()))


def write_junit(file: Path, evaluation: Evaluation, gate_failures: Sequence[Mapping[str, str]]) -> None:
    """Write a JUnit report."""
    atomic_write(file, junit(evaluation.results, evaluation.metrics, gate_failures))


def write_html_report(file: Path, evaluation: Evaluation, by: Sequence[str], command: str) -> None:
    """Write an HTML report."""
    from s2f_cli.evaluation.html_report import html_report

    atomic_write(file, _encoded(html_report(evaluation.results, evaluation.metrics, by=by, command=command)))
    console.say(f"HTML report: {file}")


def _encoded(text: str) -> bytes:
    """Encode as UTF-8, with undecodable bytes in file names escaped."""
    return text.encode("utf-8", "backslashreplace")


def _pairs(images: Sequence[str]) -> str:
    """`1 equal pair (anna)`, with at most three names."""
    names = ", ".join(images[:3]) + (" …" if len(images) > 3 else "")
    return f"{len(images)} equal pair{'s' if len(images) > 1 else ''} ({names})"


def finish(evaluation: Evaluation, gate_failures: Sequence[Mapping[str, str]]) -> None:
    """Report what failed, was left out or missed a threshold.

    Exits 1 if a metric failed or a file was left out, else 3 if a score missed a threshold.
    """
    failed = {name: problem for result in evaluation for name, problem in result.scores.failed.items()}
    for problem in failed.values():
        console.print_error(problem)
    for result, failures in zip(evaluation, gate_failures, strict=True):
        for explanation in failures.values():
            console.say(f"threshold missed: {result.title}: {explanation}")
    left_out = dict(evaluation.left_out)
    for result in evaluation:
        left_out |= result.left_out
        for metric, images in result.scores.undefined.items():
            reasons = result.scores.reasons.get(metric, {})
            left_out |= {
                f"{result.name} {image}, {metric}": reasons.get(image, "the score is undefined")
                for image in images
            }
        for metric, images in result.scores.infinite.items():
            console.say(f"{result.title}: {metric} is infinite for {_pairs(images)}, left out of the mean")
    console.end_batch(left_out)
    if failed:
        raise typer.Exit(console.FAILED)
    if any(gate_failures):
        raise typer.Exit(console.BELOW_THRESHOLD)
