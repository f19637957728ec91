"""Results as an HTML report: one self-contained page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.core.errors import RunError
from s2f_cli.evaluation import charts, pages, tables
from s2f_cli.evaluation.charts import Chart
from s2f_cli.evaluation.metrics._contract import Metric, PairMetric
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.training.curves import grouped_curves

_MARK = "\0"


def html_report(
    results: Sequence[EvaluationResult],
    metrics: Mapping[str, Metric],
    *,
    by: Sequence[str] = (),
    command: str = "",
) -> str:
    """The table, then for each measured result its histograms, breakdowns, images, curves and provenance.

    `by` names the attributes to break down by. Images are those of the results' galleries.
    """
    return pages.render(
        "report.html.jinja",
        title="s2f evaluate",
        command=command,
        headings=tables.columns(results, metrics),
        rows=_rows(results, metrics),
        legend=tables.legend(results, metrics),
        sections=[_section(result, metrics, by) for result in results if result.kind == "measured"],
    )


def _rows(
    results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]
) -> list[tuple[str, list[tuple[str, bool]]]]:
    """For each result its kind and cells, each with whether it is the best of its column."""
    cells = tables.cells(results, metrics, (_MARK, _MARK))
    return [
        (result.kind, [(text.strip(_MARK), text.startswith(_MARK)) for text in row])
        for result, row in zip(results, cells, strict=True)
    ]


def _section(result: EvaluationResult, metrics: Mapping[str, Metric], by: Sequence[str]) -> dict[str, Any]:
    """The values of one result's section in the template."""
    conditions = {f"given {name}": value for name, value in result.conditions.items()}
    provenance = {"scored on": result.data, **conditions, **result.provenance}
    provenance |= {f"left out: {name}": reason for name, reason in result.left_out.items()}
    provenance |= {f"{name} failed": problem.message for name, problem in result.scores.failed.items()}
    return {
        "title": result.title,
        "histograms": _histograms(result, metrics),
        "breakdowns": [(attribute, *tables.breakdown(result, metrics, attribute)) for attribute in by],
        "sheets": _sheets(result, metrics),
        "training": _training(Path(result.name)),
        "provenance": {term: value for term, value in provenance.items() if value},
    }


def _histograms(result: EvaluationResult, metrics: Mapping[str, Metric]) -> list[Chart]:
    images = result.scores.per_image.values()
    histograms = (
        charts.histogram([scores[name] for scores in images if name in scores], metric.title)
        for name, metric in metrics.items()
    )
    return [histogram for histogram in histograms if histogram is not None]


def _sheets(
    result: EvaluationResult, metrics: Mapping[str, Metric]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The best, median and worst samples by the first pair metric, each sheet with its title."""
    first = next((name for name, metric in metrics.items() if isinstance(metric, PairMetric)), None)
    if result.gallery is None or first is None:
        return []
    metric, gallery = metrics[first], result.gallery
    scores = {image: values[first] for image, values in result.scores.per_image.items() if first in values}
    picked = gallery.pick(scores, best_first=metric.better == "higher")
    return [
        (
            f"{title} by {metric.title}",
            [
                {"name": name, "score": f"{score:.4g}", "thumbnails": gallery.thumbnails(name)}
                for name, score in samples
            ],
        )
        for title, samples in picked.items()
    ]


def _training(model: Path) -> list[Chart]:
    """Charts of the training of a run folder, or of the folder that a model file is in; else none."""
    try:
        groups = grouped_curves(model if model.is_dir() else model.parent)
    except RunError:
        return []
    drawn = (charts.curves(lines, title) for title, lines in groups.items())
    return [chart for chart in drawn if chart is not None]
