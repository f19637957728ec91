"""The rows of a table of scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2f_cli.evaluation.comparing import Difference, difference
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.scoring import Score, Scores
from s2f_cli.evaluation.subjects import Subject

_CYCLE = 2
"""The arrows in the direction of a cycle."""


@dataclass(frozen=True)
class Row:
    """A subject and what it scored."""

    name: str
    direction: str
    data: str
    scores: Scores
    left_out: Mapping[str, str] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    kind: str = "measured"
    """`measured`, `control` for its blurred twin, `printed` for numbers of a report, `mean` over rows."""


def printed_rows(subject: Subject, metrics: Mapping[str, Metric]) -> list[Row]:
    """What reports print for a subject in these metrics."""
    rows = []
    for where, numbers in subject.printed.items():
        found = {name: Score(float(numbers[name]), 0) for name in metrics if name in numbers}
        if found:
            scores = Scores(found, {}, {}, {}, {}, {})
            name = f"printed: {subject.provenance['recipe']}, {where}"
            rows.append(Row(name, subject.direction, "as printed", scores, kind="printed"))
    return rows


def arranged(rows: Sequence[Row]) -> list[int]:
    """The order of rows in a table: direction by direction, measured ones first, each printed one once."""
    directions = list(dict.fromkeys(row.direction for row in rows))
    places = {"mean": 1, "printed": 2}
    seen: set[tuple[str, str]] = set()
    order = []
    for number, row in enumerate(rows):
        if row.kind == "printed":
            if (row.name, row.direction) in seen:
                continue
            seen.add((row.name, row.direction))
        order.append((directions.index(row.direction), places.get(row.kind, 0), number))
    return [number for _, _, number in sorted(order)]


def mean_rows(rows: Sequence[Row]) -> list[Row]:
    """The mean ± standard deviation of the measured rows of one recipe and direction, as of several seeds.

    Rows that are no models count as of one recipe.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.kind == "measured":
            groups.setdefault((row.direction, row.provenance.get("recipe", "")), []).append(row)
    found = []
    for (direction, recipe), runs in groups.items():
        if len(runs) > 1:
            scores = _together(runs, _spread)
            name = f"{recipe}, mean ± sd of {len(runs)}".removeprefix(", ")
            found.append(Row(name, direction, runs[0].data, scores, kind="mean"))
    return found


def cycle_rows(rows: Sequence[Row]) -> list[Row]:
    """The mean of both cycles of each model that has them, and of what is printed (report A, table 1)."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.kind in ("measured", "printed") and row.direction.count("→") == _CYCLE:
            groups.setdefault((row.name, row.kind), []).append(row)
    return [
        Row(
            name,
            "mean of both cycles",
            cycles[0].data,
            _together(cycles, lambda values: Score(float(np.mean(values)), 0)),
            kind="mean" if kind == "measured" else "printed",
        )
        for (name, kind), cycles in groups.items()
        if len({row.direction for row in cycles}) > 1
    ]


def _together(rows: Sequence[Row], join: Callable[[Sequence[float]], Score]) -> Scores:
    """Joined scores of the metrics that all rows have."""
    common = [name for name in rows[0].scores.metrics if all(name in r.scores.metrics for r in rows)]
    joined = {name: join([row.scores.metrics[name].value for row in rows]) for name in common}
    return Scores(joined, {}, {}, {}, {}, {})


def _spread(values: Sequence[float]) -> Score:
    middle, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    return Score(middle, 0, middle - deviation, middle + deviation)


def best(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> set[tuple[int, str]]:
    """The places (row number, metric) of the best measured scores of each direction that has several rows."""
    places = set()
    for direction in {row.direction for row in rows}:
        rivals = [n for n, r in enumerate(rows) if r.direction == direction and r.kind == "measured"]
        for name, metric in metrics.items():
            scored = {n: rows[n].scores.metrics[name].value for n in rivals if name in rows[n].scores.metrics}
            if len(scored) > 1:
                top = (max if metric.better == "higher" else min)(scored.values())
                places |= {(n, name) for n, value in scored.items() if value == top}
    return places


def differences(rows: Sequence[Row]) -> list[dict[str, Difference]]:
    """For each row the paired differences to the first measured row of its direction, by metric."""
    firsts: dict[str, Row] = {}
    found: list[dict[str, Difference]] = []
    for row in rows:
        first = firsts.setdefault(row.direction, row) if row.kind == "measured" else firsts.get(row.direction)
        compared: dict[str, Difference] = {}
        if first is not None and first is not row:
            for metric in row.scores.metrics:
                if gap := difference(row.scores, first.scores, metric):
                    compared[metric] = gap
        found.append(compared)
    return found
