"""The rows of a table of scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2f_cli.evaluation.comparing import Difference, difference
from s2f_cli.evaluation.scoring import Score, Scores
from s2f_cli.evaluation.subjects import Subject
from s2f_cli.metrics._contract import Metric


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
            rows.append(Row(f"printed: {where}", subject.direction, "as printed", scores, kind="printed"))
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
    """The mean ± standard deviation of each direction with several measured rows, as of several seeds."""
    found = []
    for direction in dict.fromkeys(row.direction for row in rows):
        runs = [row for row in rows if row.direction == direction and row.kind == "measured"]
        if len(runs) > 1:
            common = [name for name in runs[0].scores.metrics if all(name in r.scores.metrics for r in runs)]
            scores = {name: _spread([run.scores.metrics[name].value for run in runs]) for name in common}
            whole = Scores(scores, {}, {}, {}, {}, {})
            found.append(Row(f"mean ± sd of {len(runs)} rows", direction, runs[0].data, whole, kind="mean"))
    return found


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
