"""Results as tables of text."""

from collections.abc import Mapping, Sequence

from s2f_cli.evaluation.comparing import groups
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult, best, differences
from s2f_cli.evaluation.scoring import Score

_ARROWS = {"higher": "↑", "lower": "↓"}

Cells = list[list[str]]


def columns(results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> list[str]:
    """The headings: empty for the name, `direction` if one is known, metrics with an arrow."""
    direction = ["direction"] if any(result.direction for result in results) else []
    return ["", *direction, *(_heading(metric) for metric in metrics.values())]


def cells(
    results: Sequence[EvaluationResult],
    metrics: Mapping[str, Metric],
    emphasis: tuple[str, str] = ("", ""),
) -> Cells:
    """The rows of the table, matching `columns`; a dash where there is no score.

    The two strings of `emphasis` enclose the best score of each direction. A star marks a significant
    difference from the first result of the direction.
    """
    has_direction = any(result.direction for result in results)
    winners, gaps = best(results, metrics), differences(results)
    before, after = emphasis
    rows = []
    for number, result in enumerate(results):
        row = [result.name, result.direction] if has_direction else [result.name]
        for name in metrics:
            text = format_score(result.scores.by_metric.get(name))
            if (gap := gaps[number].get(name)) and gap.significant:
                text += "*"
            row.append(f"{before}{text}{after}" if (number, name) in winners else text)
        rows.append(row)
    return rows


def format_score(score: Score | None) -> str:
    """Four digits, and half the width of the interval: `0.6123 ±0.012`; a dash for None."""
    if score is None:
        return "–"
    text = f"{score.value:.4f}" if 0.1 <= abs(score.value) < 1 else f"{score.value:.4g}"
    if score.low is not None and score.high is not None:
        text += f" ±{(score.high - score.low) / 2:.2g}"
    return text


def legend(results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> list[str]:
    """Lines below the table: each metric's variant and number of images, data, conditions, and the star."""
    lines = notes(results, metrics)
    if any(gap.significant for gaps in differences(results) for gap in gaps.values()):
        lines.append("*: differs from the first row of its direction (paired sign-flip test, p < 0.05)")
    return lines


def notes(results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> list[str]:
    """Each metric's variant and number of images, the data, and what models are given."""
    lines = []
    for name, metric in metrics.items():
        scores = [r.scores.by_metric[name] for r in results if name in r.scores.by_metric]
        counts = sorted({score.count for score in scores} - {0})
        images = f"; {' and '.join(map(str, counts))} images" if counts else "; not computed"
        lines.append(f"{metric.title}: {variant(name, metric, results)}{images}")
    lines += sorted({f"scored on {result.data}" for result in results if result.kind == "measured"})
    for result in results:
        if result.kind == "measured" and result.conditions:
            conditions = ", ".join(f"{name} {value}" for name, value in result.conditions.items())
            lines.append(f"{result.title} is given: {conditions}")
    return lines


def breakdown(
    result: EvaluationResult, metrics: Mapping[str, Metric], attribute: str
) -> tuple[list[str], Cells]:
    """Headings and rows of the table of a result's images, grouped by an attribute."""
    by_group = groups(result.scores, attribute)
    names = [name for name in metrics if any(name in scores for scores in by_group.values())]
    headings = [attribute, "images", *(_heading(metrics[name]) for name in names)]
    rows = []
    for group, scores in by_group.items():
        count = max((score.count for score in scores.values()), default=0)
        rows.append([group, str(count), *(format_score(scores.get(name)) for name in names)])
    return headings, rows


def per_image(results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> Cells:
    """A row of headings, then a row for each image of each result: name, direction, image, scores."""
    scored = {m for r in results for scores in r.scores.per_image.values() for m in scores}
    names = [metric for metric in metrics if metric in scored]
    table = [["name", "direction", "image", *names]]
    for result in results:
        for image, scores in result.scores.per_image.items():
            values = [repr(scores[name]) if name in scores else "" for name in names]
            table.append([result.name, result.direction, image, *values])
    return table


def variant(name: str, metric: Metric, results: Sequence[EvaluationResult]) -> str:
    """The exact variant of a metric that these results measured."""
    variants = (r.scores.variants[name] for r in results if name in r.scores.variants)
    return next(variants, metric.variant)


def _heading(metric: Metric) -> str:
    return f"{metric.title} {_ARROWS[metric.better]}"
