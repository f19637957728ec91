"""Results as a JSON document, which `s2f evaluate --baseline` and `s2f benchmark` read again."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from s2f_cli.core.errors import MetricError, S2FError
from s2f_cli.evaluation.comparing import groups
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult, differences
from s2f_cli.evaluation.scoring import Score, Scores
from s2f_cli.evaluation.tables import variant

FORMAT = 1


def as_json(
    results: Sequence[EvaluationResult], metrics: Mapping[str, Metric], by: Sequence[str] = ()
) -> dict[str, Any]:
    """Metrics and results, with intervals, scores of single images, breakdowns by attributes, and failures.

    JSON has no infinity and no NaN: infinity is the string "inf", and an undefined score is null.
    """
    described = {
        name: {
            "title": metric.title,
            "better": metric.better,
            "unit": metric.unit,
            "variant": variant(name, metric, results),
            "source": metric.source,
        }
        for name, metric in metrics.items()
    }
    gaps = differences(results)
    documents = [
        {
            "name": result.name,
            "kind": result.kind,
            "direction": result.direction,
            "data": result.data,
            "provenance": dict(result.provenance),
            "conditions": dict(result.conditions),
            "scores": _scores(result.scores.by_metric),
            "against_first": {
                metric: {
                    "difference": gap.value,
                    "interval": [gap.low, gap.high],
                    "p": gap.p,
                    "count": gap.count,
                }
                for metric, gap in gaps[number].items()
            },
            "by": {
                attribute: {
                    group: _scores(scores) for group, scores in groups(result.scores, attribute).items()
                }
                for attribute in by
            },
            "per_image": {
                image: {metric: _number(value) for metric, value in scores.items()}
                for image, scores in result.scores.per_image.items()
            },
            "failed": {metric: problem.message for metric, problem in result.scores.failed.items()},
            "undefined": result.scores.undefined,
            "infinite": result.scores.infinite,
            "left_out": dict(result.left_out),
        }
        for number, result in enumerate(results)
    ]
    return {"format": FORMAT, "metrics": described, "results": documents}


def _scores(scores: Mapping[str, Score]) -> dict[str, Any]:
    return {
        metric: {
            "value": _number(score.value),
            "count": score.count,
            "interval": None if score.low is None or score.high is None else [score.low, score.high],
        }
        for metric, score in scores.items()
    }


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else value


def from_json(document: Mapping[str, Any]) -> list[EvaluationResult]:
    """The results of a document of `as_json`, without their breakdowns, attributes and thumbnails."""
    variants = {name: metric["variant"] for name, metric in document["metrics"].items()}
    return [
        EvaluationResult(
            one["name"],
            one["direction"],
            one["data"],
            Scores(
                {metric: _score(score) for metric, score in one["scores"].items()},
                {
                    image: {metric: _value(value) for metric, value in scores.items()}
                    for image, scores in one["per_image"].items()
                },
                {metric: _failure(message) for metric, message in one["failed"].items()},
                variants,
                one["undefined"],
                infinite=one["infinite"],
            ),
            one["left_out"],
            one["provenance"],
            one["conditions"],
            one["kind"],
        )
        for one in document["results"]
    ]


def _score(score: Mapping[str, Any]) -> Score:
    low, high = score["interval"] or (None, None)
    return Score(_value(score["value"]), score["count"], low, high)


def _value(number: float | str | None) -> float:
    return math.nan if number is None else float(number)


def _failure(message: str) -> S2FError:
    return MetricError(message)
