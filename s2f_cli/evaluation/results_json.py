"""Results as a JSON document, which `s2f evaluate --baseline` reads again."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from s2f_cli.evaluation.comparing import groups
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult, differences
from s2f_cli.evaluation.scoring import Score
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
