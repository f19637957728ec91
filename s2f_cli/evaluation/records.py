"""Scores as tables and as JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from s2f_cli.evaluation.scoring import Score, Scores
from s2f_cli.metrics._contract import Metric

FORMAT = 1
_ARROWS = {"higher": "↑", "lower": "↓"}


@dataclass(frozen=True)
class Row:
    """A subject and what it scored."""

    name: str
    direction: str
    data: str
    scores: Scores
    left_out: Mapping[str, str]


def columns(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[str]:
    """The heads of the table: subject, direction where one is known, each metric with what is better."""
    direction = ["direction"] if any(row.direction for row in rows) else []
    return ["", *direction, *(f"{m.title} {_ARROWS[m.better]}" for m in metrics.values())]


def cells(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[list[str]]:
    """The lines of the table, in the order of `columns`; a dash where there is no score."""
    directed = any(row.direction for row in rows)
    return [
        [
            row.name,
            *([row.direction] if directed else []),
            *(number(row.scores.metrics.get(m)) for m in metrics),
        ]
        for row in rows
    ]


def number(score: Score | None) -> str:
    """A score in four digits with half the width of its interval: `0.6123 ±0.012`."""
    if score is None:
        return "–"
    text = f"{score.value:.4f}" if 0.1 <= abs(score.value) < 1 else f"{score.value:.4g}"
    if score.low is not None and score.high is not None:
        text += f" ±{(score.high - score.low) / 2:.2g}"
    return text


def legend(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[str]:
    """A line for each metric: what exactly it measured, and on how many images."""
    lines = []
    for name, metric in metrics.items():
        variant = next(
            (row.scores.variants[name] for row in rows if name in row.scores.variants), metric.variant
        )
        counts = sorted({row.scores.metrics[name].count for row in rows if name in row.scores.metrics})
        images = f"; {' and '.join(map(str, counts))} images" if counts else ""
        lines.append(f"{metric.title}: {variant}{images}")
    return lines


def as_json(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """Everything: the metrics, each row's scores with intervals, the scores of each image, what failed and
    why.

    JSON has no infinity: it is written as the text "inf"; an undefined score is null.
    """
    return {
        "format": FORMAT,
        "metrics": {
            name: {
                "title": m.title,
                "better": m.better,
                "unit": m.unit,
                "variant": next(
                    (r.scores.variants[name] for r in rows if name in r.scores.variants), m.variant
                ),
                "source": m.source,
            }
            for name, m in metrics.items()
        },
        "results": [
            {
                "name": row.name,
                "direction": row.direction,
                "data": row.data,
                "scores": {name: _score(score) for name, score in row.scores.metrics.items()},
                "per_image": {
                    image: {name: _plain(value) for name, value in found.items()}
                    for image, found in row.scores.per_image.items()
                },
                "failed": {name: problem.message for name, problem in row.scores.failed.items()},
                "undefined": row.scores.undefined,
                "left_out": dict(row.left_out),
            }
            for row in rows
        ],
    }


def per_image_table(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[list[str]]:
    """A head, then a line for each image of each row: name, direction, image, each paired metric."""
    names = [m for m in metrics if any(m in found for r in rows for found in r.scores.per_image.values())]
    table = [["name", "direction", "image", *names]]
    for row in rows:
        for image, found in row.scores.per_image.items():
            table.append(
                [row.name, row.direction, image, *(repr(found[n]) if n in found else "" for n in names)]
            )
    return table


def _score(score: Score) -> dict[str, Any]:
    interval = None if score.low is None or score.high is None else [_plain(score.low), _plain(score.high)]
    return {"value": _plain(score.value), "count": score.count, "interval": interval}


def _plain(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value
