"""Print the tables of `s2f runs`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from s2f_cli.cli import console
from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.training.curves import Curves, RunSummary, differing_settings


def show_list(folder: Path, as_json: bool) -> None:
    """Print all runs below a folder, and name broken ones.

    Raises RunError if there are none.
    """
    summaries: dict[str, RunSummary] = {}
    failures = {}
    for file in sorted(folder.rglob("run.json")):
        try:
            summaries[str(file.parent.relative_to(folder))] = RunSummary.of(file.parent)
        except S2FError as problem:
            failures[str(file.parent)] = problem.message
    if not summaries and not failures:
        raise RunError(f"there are no runs in {folder}", "start one with `s2f train RECIPE`")
    if as_json:
        console.print_json([{"run": name, **asdict(summary)} for name, summary in summaries.items()])
    else:
        columns = ("run", "recipe", "step", "seed", "data", "last values")
        rows = [
            (name, s.recipe, str(s.step), str(s.seed), s.data, _lines(s)) for name, s in summaries.items()
        ]
        console.out.print(console.table("", columns, rows, numbers=False))
    console.end_batch(failures)


def _lines(summary: RunSummary) -> str:
    return "\n".join(f"{name.rpartition('/')[2]} {value:.4g}" for name, value in summary.last.items())


def show_comparison(folders: Sequence[Path]) -> None:
    """Print the settings in which runs differ, then the last values of each."""
    rows = [(key, *values) for key, values in differing_settings(folders).items()]
    last = [Curves.of(folder).last() for folder in folders]
    for name in dict.fromkeys(name for values in last for name in values):
        rows.append((name, *(f"{values[name]:.4g}" if name in values else "-" for values in last)))
    console.out.print(console.table("", ("", *(folder.name for folder in folders)), rows))
