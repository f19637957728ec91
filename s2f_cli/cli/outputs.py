"""What a command says about the results of a plan, besides their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2f_cli.cli import console

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from s2f_cli.core.output_tree import OutputPlan


def finish(plan: OutputPlan, output: Path | None, failures: Mapping[str, str], results: str) -> None:
    """Write `left_out.csv` to an output folder, and say how many `results` were skipped."""
    from s2f_cli.core.errors import S2FError
    from s2f_cli.core.files import write_left_out
    from s2f_cli.core.output_tree import is_file_name

    if output is not None and not is_file_name(output):
        try:
            write_left_out(output, failures)
        except S2FError as problem:
            console.print_error(problem)
    say_skipped(plan.existing, results)
    say_unknown(plan.unknown)


def say_skipped(count: int, results: str) -> None:
    """Say how many results are up to date."""
    if count:
        console.say(f"existing {results} skipped: {count} (use --overwrite to redo them)")


def say_unknown(count: int) -> None:
    """Say how many files have the name of a result, but not the note of the settings that made it."""
    if count:
        console.say(
            f"files kept, because nothing says how they were made: {count} (--overwrite replaces them)"
        )
