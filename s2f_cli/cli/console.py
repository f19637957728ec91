"""What a person sees: results on stdout, everything else on stderr."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from s2f_cli.core.errors import S2FError

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

FAILED = 1
"""Exit code when a command, or any file of a batch, failed."""
BELOW_THRESHOLD = 3
"""Exit code when a score misses a threshold that the user set."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def say(message: str) -> None:
    """One plain line on stderr."""
    err.print(escape(_one_line(message)), highlight=False)


def complain(problem: S2FError) -> None:
    """An error and its hint on stderr, a line each."""
    err.print(f"[bold red]error:[/] {escape(_one_line(problem.message))}", highlight=False)
    if problem.hint:
        err.print(f"[bold yellow]hint:[/] {escape(_one_line(problem.hint))}", highlight=False)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def progress() -> Progress:
    """A progress display on stderr: count, bar, elapsed and remaining time; silent without a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], numbers: bool = True
) -> Table:
    """A report table; with `numbers`, all columns but the first are aligned right. `Text` keeps its style."""
    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    for number, column in enumerate(columns):
        drawn.add_column(column, justify="right" if number and numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, Text) else escape(cell) for cell in row))
    return drawn


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same table as Markdown."""
    lines = [
        "| " + " | ".join(columns) + " |",
        "| " + " | ".join(["---"] + ["---:"] * (len(columns) - 1)) + " |",
    ]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def print_json(value: Any) -> None:
    """A result as one JSON document on stdout, in UTF-8; what of a name is no text is escaped."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def print_json_line(value: Any) -> None:
    """A result as a line of JSON on stdout, one of many (JSON Lines), in UTF-8."""
    typer.echo(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def print_path(path: Path) -> None:
    """A path as a line of stdout: its bytes as they are, or what is printable of them on a terminal."""
    typer.echo(_one_line(str(path)) if sys.stdout.isatty() else os.fsencode(path))


def name_failures(failures: Mapping[str, str]) -> None:
    """Name every file that failed, with the reason."""
    for name, reason in failures.items():
        told = reason if name in reason else f"{name}: {reason}"
        err.print(f"[bold red]left out:[/] {escape(_one_line(told))}", highlight=False)


def end_batch(failures: Mapping[str, str]) -> None:
    """Name every file of a batch that failed, with the reason, and exit 1 if there was any."""
    name_failures(failures)
    if failures:
        raise typer.Exit(FAILED)


def debugging() -> bool:
    """Whether the user asked for tracebacks (`s2f --debug …` or S2F_DEBUG=1)."""
    return os.environ.get("S2F_DEBUG", "") not in ("", "0")
