"""Results of an evaluation, and additional rows to compare them with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from s2f_cli.evaluation.comparing import Difference, difference
from s2f_cli.evaluation.gallery import Gallery
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.scoring import Score, Scores
from s2f_cli.evaluation.subjects import Subject

Kind = Literal["measured", "control", "mean", "printed"]
_CYCLE_ARROWS = 2


@dataclass(frozen=True)
class EvaluationResult:
    """One row of the table: a subject with its scores, or numbers to compare them with.

    `result["ssim"]` is the score in a metric.
    """

    name: str
    direction: str
    """`face → sketch`, `sketch → face → sketch` …; empty if it is not known."""
    data: str
    """The images it was scored on."""
    scores: Scores
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files that could not be scored → reason."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """The model's recipe, step, seed, training data …"""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What the model was given besides the images, in words, by condition."""
    kind: Kind = "measured"
    """`control` has blurred outputs, `mean` is a mean of results, `printed` comes from a report."""
    gallery: Gallery | None = None
    """Thumbnails of the samples, if requested."""

    def __getitem__(self, metric: str) -> float:
        """The score in a metric.

        Raises MetricError or MissingPart if the metric could not be computed, KeyError if there is no score.
        """
        if metric in self.scores.failed:
            raise self.scores.failed[metric]
        return self.scores.by_metric[metric].value

    @property
    def title(self) -> str:
        """Name and direction."""
        return f"{self.name} {self.direction}".rstrip()


def printed_results(subject: Subject, metrics: Mapping[str, Metric]) -> list[EvaluationResult]:
    """The numbers that reports print for a subject in these metrics."""
    results = []
    for source, numbers in subject.printed.items():
        scores = {name: Score(float(numbers[name]), 0) for name in metrics if name in numbers}
        if scores:
            name = f"printed: {subject.provenance['recipe']}, {source}"
            results.append(
                EvaluationResult(name, subject.direction, "as printed", Scores(scores), kind="printed")
            )
    return results


def mean_results(results: Sequence[EvaluationResult]) -> list[EvaluationResult]:
    """Average the measured results of each recipe and direction, for instance of several seeds.

    Scores are mean ± standard deviation. Results of folders count as one recipe.
    """
    groups: dict[tuple[str, str], list[EvaluationResult]] = {}
    for result in results:
        if result.kind == "measured":
            recipe = result.provenance.get("recipe", "")
            groups.setdefault((result.direction, recipe), []).append(result)
    means = []
    for (direction, recipe), runs in groups.items():
        if len(runs) > 1:
            name = f"{recipe}, mean ± sd of {len(runs)}".removeprefix(", ")
            scores = _combined(runs, _mean_and_deviation)
            means.append(EvaluationResult(name, direction, runs[0].data, scores, kind="mean"))
    return means


def cycle_results(results: Sequence[EvaluationResult]) -> list[EvaluationResult]:
    """Average both cycles of each model, and the printed numbers of both (report A, table 1)."""
    groups: dict[tuple[str, str], list[EvaluationResult]] = {}
    for result in results:
        if result.kind in ("measured", "printed") and result.direction.count("→") == _CYCLE_ARROWS:
            groups.setdefault((result.name, result.kind), []).append(result)
    return [
        EvaluationResult(
            name,
            "mean of both cycles",
            cycles[0].data,
            _combined(cycles, lambda values: Score(float(np.mean(values)), 0)),
            kind="mean" if kind == "measured" else "printed",
        )
        for (name, kind), cycles in groups.items()
        if len({result.direction for result in cycles}) > 1
    ]


def _combined(results: Sequence[EvaluationResult], combine: Callable[[Sequence[float]], Score]) -> Scores:
    """Combine the scores of the metrics that all results have."""
    common = [m for m in results[0].scores.by_metric if all(m in r.scores.by_metric for r in results)]
    return Scores({m: combine([result.scores.by_metric[m].value for result in results]) for m in common})


def _mean_and_deviation(values: Sequence[float]) -> Score:
    mean = float(np.mean(values))
    if not np.isfinite(mean):
        return Score(mean, 0)
    deviation = float(np.std(values, ddof=1))
    return Score(mean, 0, mean - deviation, mean + deviation)


def arranged(results: Sequence[EvaluationResult]) -> list[EvaluationResult]:
    """Results in the order of a table: by direction, measured ones first, then means and printed numbers.

    Printed numbers that occur several times are listed once.
    """
    directions = list(dict.fromkeys(result.direction for result in results))
    ranks = {"mean": 1, "printed": 2}
    return sorted(printed_once(results), key=lambda r: (directions.index(r.direction), ranks.get(r.kind, 0)))


def printed_once(results: Sequence[EvaluationResult]) -> list[EvaluationResult]:
    """The results in their order, without repetitions of printed numbers."""
    seen: set[tuple[str, str]] = set()
    listed = []
    for result in results:
        if result.kind == "printed":
            if (result.name, result.direction) in seen:
                continue
            seen.add((result.name, result.direction))
        listed.append(result)
    return listed


def best(results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]) -> set[tuple[int, str]]:
    """The best measured scores of each direction with several results, as (number of the result, metric)."""
    winners = set()
    for direction in {result.direction for result in results}:
        rivals = {
            number: result.scores.by_metric
            for number, result in enumerate(results)
            if result.direction == direction and result.kind == "measured"
        }
        for name, metric in metrics.items():
            values = {
                number: scores[name].value
                for number, scores in rivals.items()
                if name in scores and not np.isnan(scores[name].value)
            }
            if len(values) > 1:
                top = (max if metric.better == "higher" else min)(values.values())
                winners |= {(number, name) for number, value in values.items() if value == top}
    return winners


def differences(results: Sequence[EvaluationResult]) -> list[dict[str, Difference]]:
    """For each result, its paired differences to the first measured one of its direction, by metric."""
    firsts: dict[str, EvaluationResult] = {}
    by_result: list[dict[str, Difference]] = []
    for result in results:
        if result.kind == "measured":
            firsts.setdefault(result.direction, result)
        first = firsts.get(result.direction)
        by_metric: dict[str, Difference] = {}
        if first is not None and first is not result:
            for metric in result.scores.by_metric:
                if gap := difference(result.scores, first.scores, metric):
                    by_metric[metric] = gap
        by_result.append(by_metric)
    return by_result
