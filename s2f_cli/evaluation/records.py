"""Scores as tables and as JSON."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from s2f_cli.evaluation.comparing import groups
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.rows import Row, best, differences
from s2f_cli.evaluation.scoring import Score

FORMAT = 1
_ARROWS = {"higher": "↑", "lower": "↓"}


def columns(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[str]:
    """The heads of the table: subject, direction where one is known, each metric with what is better."""
    direction = ["direction"] if any(row.direction for row in rows) else []
    return ["", *direction, *(f"{m.title} {_ARROWS[m.better]}" for m in metrics.values())]


def cells(
    rows: Sequence[Row], metrics: Mapping[str, Metric], emphasis: tuple[str, str] = ("", "")
) -> list[list[str]]:
    """The lines of the table, in the order of `columns`; a dash where there is no score.

    The best of each direction stands between the two marks of `emphasis`; a star follows what differs from
    the first row of its direction by more than chance.
    """
    directed = any(row.direction for row in rows)
    places, gaps = best(rows, metrics), differences(rows)
    before, after = emphasis
    lines = []
    for count, row in enumerate(rows):
        line = [row.name, row.direction] if directed else [row.name]
        for name in metrics:
            text = number(row.scores.metrics.get(name))
            if (gap := gaps[count].get(name)) and gap.significant:
                text += "*"
            line.append(f"{before}{text}{after}" if (count, name) in places else text)
        lines.append(line)
    return lines


def number(score: Score | None) -> str:
    """A score in four digits with half the width of its interval: `0.6123 ±0.012`."""
    if score is None:
        return "–"
    text = f"{score.value:.4f}" if 0.1 <= abs(score.value) < 1 else f"{score.value:.4g}"
    if score.low is not None and score.high is not None:
        text += f" ±{(score.high - score.low) / 2:.2g}"
    return text


def legend(rows: Sequence[Row], metrics: Mapping[str, Metric]) -> list[str]:
    """A line for each metric, what exactly it measured and on how many images, and one for the star."""
    lines = []
    for name, metric in metrics.items():
        counts = sorted({r.scores.metrics[name].count for r in rows if name in r.scores.metrics} - {0})
        images = f"; {' and '.join(map(str, counts))} images" if counts else "; not computed"
        lines.append(f"{metric.title}: {_variant(name, metric, rows)}{images}")
    lines += sorted({f"scored on {row.data}" for row in rows if row.kind == "measured"})
    if any(gap.significant for gaps in differences(rows) for gap in gaps.values()):
        lines.append("*: differs from the first row of its direction (paired sign-flip test, p < 0.05)")
    return lines


def breakdown(row: Row, metrics: Mapping[str, Metric], attribute: str) -> tuple[list[str], list[list[str]]]:
    """Heads and lines of the table of a row's images by an attribute."""
    found = groups(row.scores, attribute)
    names = [name for name in metrics if any(name in scores for scores in found.values())]
    heads = [attribute, "images", *(f"{metrics[n].title} {_ARROWS[metrics[n].better]}" for n in names)]
    lines = []
    for value, scores in found.items():
        count = max((score.count for score in scores.values()), default=0)
        lines.append([value, str(count), *(number(scores.get(name)) for name in names)])
    return heads, lines


def as_json(rows: Sequence[Row], metrics: Mapping[str, Metric], by: Sequence[str] = ()) -> dict[str, Any]:
    """Everything: the metrics, each row's scores with intervals and those of each image, what failed and why.

    JSON has no infinity: it is written as the text "inf"; an undefined score is null.
    """
    described = {
        name: {
            "title": metric.title,
            "better": metric.better,
            "unit": metric.unit,
            "variant": _variant(name, metric, rows),
            "source": metric.source,
        }
        for name, metric in metrics.items()
    }
    gaps = differences(rows)
    results = [
        {
            "name": row.name,
            "kind": row.kind,
            "direction": row.direction,
            "data": row.data,
            "provenance": dict(row.provenance),
            "scores": _scores(row.scores.metrics),
            "against_first": {
                name: {
                    "difference": gap.value,
                    "interval": [gap.low, gap.high],
                    "p": gap.p,
                    "count": gap.count,
                }
                for name, gap in gaps[count].items()
            },
            "by": {
                attribute: {value: _scores(found) for value, found in groups(row.scores, attribute).items()}
                for attribute in by
            },
            "per_image": {
                image: {name: _plain(value) for name, value in found.items()}
                for image, found in row.scores.per_image.items()
            },
            "failed": {name: problem.message for name, problem in row.scores.failed.items()},
            "undefined": row.scores.undefined,
            "left_out": dict(row.left_out),
        }
        for count, row in enumerate(rows)
    ]
    return {"format": FORMAT, "metrics": described, "results": results}


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


def _variant(name: str, metric: Metric, rows: Sequence[Row]) -> str:
    return next((row.scores.variants[name] for row in rows if name in row.scores.variants), metric.variant)


def _scores(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {
        name: {
            "value": _plain(score.value),
            "count": score.count,
            "interval": None if score.low is None or score.high is None else [score.low, score.high],
        }
        for name, score in scores.items()
    }


def _plain(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value
