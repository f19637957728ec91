"""Output: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from s2f_cli.core.errors import S2FError
from s2f_cli.core.remote_copies import shown

if TYPE_CHECKING:
    from rich import progress as rich_progress


class _Console(Console):
    """A console that raises BrokenPipeError when its reader goes away; Rich's ends the program."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled."""
        raise  # noqa: PLE0704


out = _Console(soft_wrap=True, emoji=False)  # `:cat:` may be part of a file name
err = _Console(stderr=True, soft_wrap=True, emoji=False)

_GAP = "  "
"""What is between the columns of a table without lines."""
_NARROWEST = 8
"""The width to which a column is cut off, at least."""
FAILED = 1
"""Exit code of a command that failed, or left out any file of a batch."""
WRONG_USAGE = 2
"""Exit code for options and arguments that a command does not know."""
BELOW_THRESHOLD = 3
"""Exit code when a score misses one of the user's thresholds."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def say(message: str) -> None:
    """Print one plain line on stderr."""
    _say(message)


def print_error(problem: S2FError) -> None:
    """Print an error and its hint on stderr, one line each."""
    _say(problem.message, "[bold red]error:[/] ")
    if problem.hint:
        _say(problem.hint, "[bold yellow]hint:[/] ")


def _say(message: str, label: str = "") -> None:
    """Print a line on stderr; a terminal breaks it between words."""
    err.print(label + escape(_one_line(message)), highlight=False, soft_wrap=not err.is_terminal)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown(text))


def progress() -> rich_progress.Progress:
    """A progress bar on stderr with count, elapsed and remaining time; silent without a terminal."""
    from rich import progress as rich_progress  # a tenth of the time of `s2f --help`, which needs none

    return rich_progress.Progress(
        rich_progress.SpinnerColumn(),
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("left"),
        rich_progress.TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


def duration(seconds: float) -> str:
    """A duration, rounded: `40 s`, `3 min`, `2 h 5 min`, `1 day 6 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    units = {"day" if days == 1 else "days": days, "h": hours, "min": 0 if days else minutes}
    return " ".join(f"{count} {unit}" for unit, count in units.items() if count)


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], numbers: bool = True
) -> Table:
    """A table; `numbers` aligns all columns but the first to the right, and `Text` keeps its style.

    Without names of columns it has no header.
    """
    header = any(columns)
    rendered = Table(title=title or None, title_justify="left", header_style="bold", show_header=header)
    for number, column in enumerate(columns):
        rendered.add_column(column, justify="right" if number and numbers else "left", overflow="fold")
    for row in rows:
        rendered.add_row(*(cell if isinstance(cell, Text) else escape(shown(cell)) for cell in row))
    return rendered


def print_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout with one line a row; on a narrow terminal the first column is cut off."""
    first, *widths = (max(cell_len(row[n]) for row in (columns, *rows)) for n in range(len(columns)))
    if out.is_terminal:
        first = min(first, max(out.width - sum(widths) - len(_GAP) * len(widths), _NARROWEST))
    for row in (columns, *rows):
        name = Text(_one_line(row[0]))
        name.truncate(first, overflow="ellipsis", pad=True)
        cells = [name.plain, *(set_cell_size(cell, w) for cell, w in zip(row[1:], widths, strict=True))]
        out.print(Text(_GAP.join(cells).rstrip(), "bold" if row is columns else ""), highlight=False)


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first are aligned right."""
    lines = [
        "| " + " | ".join(map(markdown_text, columns)) + " |",
        "| " + " | ".join(["---"] + ["---:"] * (len(columns) - 1)) + " |",
    ]
    return "\n".join(lines + ["| " + " | ".join(map(markdown_text, row)) + " |" for row in rows])


def markdown_text(text: str) -> str:
    """Escape what would end a cell of a Markdown table, or start code or HTML."""
    return "".join(f"\\{c}" if c in "\\|<`" else c for c in _one_line(text))


def print_json(value: Any) -> None:
    """Print one JSON document on stdout, in UTF-8; undecodable bytes in names are escaped."""
    typer.echo(shown(json.dumps(value, indent=2, ensure_ascii=False)).encode("utf-8", "backslashreplace"))


def print_json_line(value: Any) -> None:
    """Print one line of JSON Lines on stdout, in UTF-8; undecodable bytes in names are escaped."""
    _print_result(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def print_path(path: Path) -> None:
    """Print a path on stdout: its exact bytes, or on a terminal its printable characters."""
    print_name(str(path))


def print_name(name: str) -> None:
    """Print a path or a URL on stdout, as `print_path` does."""
    _print_result(os.fsencode(shown(name)))


def _print_result(line: bytes) -> None:
    """Print a line on stdout; on a terminal, above the progress bar, whose stdout Rich replaces."""
    if sys.stdout.isatty():
        print(_one_line(line.decode("utf-8", "surrogateescape")))
    else:
        typer.echo(line)


def print_line(text: str, *, dim: bool = False) -> None:
    """Print one plain line on stdout; a terminal breaks it between words."""
    line, style = escape(_one_line(text)), "dim" if dim else None
    out.print(line, style=style, highlight=False, soft_wrap=not out.is_terminal)


def print_failures(failures: Mapping[str, str]) -> None:
    """Print a `left out:` line on stderr for each file that failed, with the reason."""
    for name, reason in failures.items():
        named = Path(name).suffix and re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w/])", reason)
        line = reason if named else f"{name}: {reason}"
        _say(line, "[bold red]left out:[/] ")


def end_batch(failures: Mapping[str, str]) -> None:
    """Print the files of a batch that failed; exit 1 if there were any."""
    print_failures(failures)
    if failures:
        raise typer.Exit(FAILED)


def debugging() -> bool:
    """Whether the user wants tracebacks (`s2f --debug …` or S2F_DEBUG=1)."""
    return os.environ.get("S2F_DEBUG", "") not in ("", "0")
