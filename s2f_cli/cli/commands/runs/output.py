"""Print the tables of `s2f runs`."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from s2f_cli.cli import console
from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.training.curves import Curves
from s2f_cli.training.run_log import LOG
from s2f_cli.training.run_summary import RunSummary, differing_settings, runs_below

_COLUMNS = ("run", "changed", "state", "steps", "best score")
_FRAME, _NARROW = 3, 16
"""The width of the lines and spaces about a column, and of the column of keys at least."""
_HALF_A_YEAR = 183 * 24 * 3600.0


def show_list(folder: Path, as_json: bool) -> None:
    """Print all runs below a folder, and name broken ones.

    Raises RunError if there are none.
    """
    summaries, failures = _summaries(folder)
    if as_json:
        console.print_json([{"run": name, **asdict(summary)} for name, summary in summaries.items()])
    else:
        console.print_lines(_COLUMNS, list(_rows(summaries)))
    console.end_batch(failures)


def show_best(folder: Path, by: str) -> None:
    """Print the model with the best score of the runs below a folder; raises RunError if there is none."""
    from s2f_cli.evaluation.best_run import best_run
    from s2f_cli.training.run_folder import BEST

    summaries, failures = _summaries(folder)
    best = best_run({folder / name: summary.best for name, summary in summaries.items()}, by)
    compared = sum(best.key in summary.best for summary in summaries.values())
    others = f"; {len(summaries) - compared} without this score" if compared < len(summaries) else ""
    of = f"{compared} run{'s' * (compared > 1)}"
    console.say(f"{best.folder}: {best.key} {best.score:.4g}, the best of {of}{others}")
    console.print_path(best.folder / BEST)
    console.end_batch(failures)


def _summaries(folder: Path) -> tuple[dict[str, RunSummary], dict[str, str]]:
    """The summaries of all runs by their names, and the reasons why others are broken, by folder."""
    summaries: dict[str, RunSummary] = {}
    failures = {}
    for run in runs_below(folder):
        try:
            summaries[run.relative_to(folder).as_posix()] = RunSummary.of(run)
        except S2FError as problem:
            failures[str(run)] = problem.message
    if not summaries and not failures:
        raise RunError(f"there are no runs in {folder}", "start one with `s2f train RECIPE`")
    return summaries, failures


def _rows(summaries: Mapping[str, RunSummary]) -> Iterator[Sequence[str]]:
    """A row for each run; those in a subfolder follow a row with its name and number of runs."""
    groups: dict[str, list[str]] = {}
    for name in summaries:
        groups.setdefault(PurePosixPath(name).parent.as_posix(), []).append(name)
    for group, names in groups.items():
        if group != ".":
            yield f"{group} ({len(names)})", "", "", "", ""
        for name in names:
            summary = summaries[name]
            indent = "  " * (group != ".")
            steps = f"{summary.step}/{summary.steps or '?'}"
            yield (
                indent + PurePosixPath(name).name,
                _date(summary.changed),
                summary.state,
                steps,
                _best(summary),
            )


def _best(summary: RunSummary) -> str:
    key, value = next(iter(summary.best.items()), ("", 0.0))
    return f"{value:.4g} {key.rpartition('/')[2]}" if key else ""


def _date(seconds: float) -> str:
    """A local date with its time of day, or with its year if it is half a year away."""
    near = abs(time.time() - seconds) < _HALF_A_YEAR
    return time.strftime("%m-%d %H:%M" if near else "%Y-%m-%d", time.localtime(seconds))


def show_comparison(folders: Sequence[Path]) -> None:
    """Print the settings in which runs differ, then the last values of each."""
    rows = [(key, *values) for key, values in differing_settings(folders).items()]
    last = [Curves.of(folder).last() if (folder / LOG).is_file() else {} for folder in folders]
    for name in dict.fromkeys(name for values in last for name in values):
        rows.append((name, *(f"{values[name]:.4g}" if name in values else "-" for values in last)))
    if console.out.is_terminal:
        width = max(console.out.width // (len(folders) + 1) - _FRAME, _NARROW)
        rows = [(_folded(name, width), *values) for name, *values in rows]
    console.out.print(console.table("", ("", *(folder.name for folder in folders)), rows))


def _folded(key: str, width: int) -> str:
    """A key such as `players.critics.betas` in lines that end with a dot or a slash, if it is too wide."""
    lines = [""]
    for part in re.findall(r"[^./]+[./]?", key):
        if len(lines[-1] + part) > width and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)
