"""The curves that a run has logged."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from s2f_cli.core.errors import RunError
from s2f_cli.training import run_log

_NOT_CURVES = {"step", "epoch"}

Point = tuple[float, float]
"""A step and a value."""


class Curves(dict[str, list[Point]]):
    """The points of each curve that a run has logged: a loss `player/term` or a score `split/score`."""

    @classmethod
    def of(cls, run: Path) -> "Curves":
        """Read the log of a run folder, skipping broken lines. Raises RunError if there is no log."""
        curves = cls()
        for entry in _entries(run):
            for name, value in entry.items():
                if name not in _NOT_CURVES and isinstance(value, int | float):
                    curves.setdefault(name, []).append((entry["step"], value))
        return curves

    def last(self) -> dict[str, float]:
        """The last value of each curve."""
        return {name: points[-1][1] for name, points in self.items()}


def by_curve(runs: Mapping[str, Curves]) -> dict[str, dict[str, list[Point]]]:
    """Regroup the curves of runs: name of a curve → name of a run → points, for each run that has it."""
    names = sorted({name for curves in runs.values() for name in curves})
    return {name: {run: curves[name] for run, curves in runs.items() if name in curves} for name in names}


def grouped_curves(run: Path) -> dict[str, dict[str, list[Point]]]:
    """The curves of a run by chart: the losses of each player, and each score with a line per domain.

    Returns title of a chart → name of a line → points. Raises RunError if there is no log.
    """
    groups: dict[str, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for entry in _entries(run):
        for name, value in entry.items():
            group, slash, term = name.partition("/")
            if slash and isinstance(value, float):
                title, line = f"{group}: losses by step", term
                if "stage" not in entry:
                    metric, _, domain = term.partition(":")
                    title, line = f"{metric} on {group} by step", domain or "mean"
                groups[title][line].append((entry["step"], value))
    return groups


def _entries(run: Path) -> Iterator[dict[str, Any]]:
    if not (run / run_log.LOG).is_file():
        raise RunError(f"{run} has no {run_log.LOG}", "name the folder of a run that has logged a step")
    yield from run_log.records(run)
