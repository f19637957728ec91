"""The rows of a benchmark as tables: scores by data set and direction, and costs by data set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from s2f_cli.benchmark.measured import Measured
from s2f_cli.benchmark.plan import DataSet
from s2f_cli.evaluation import tables
from s2f_cli.evaluation.comparing import Difference, difference
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult, best, mean_results, printed_once
from s2f_cli.evaluation.scoring import find_metrics

MISSING = "–"


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and whether it is the best of its column."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Table:
    """A table with lines that explain it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    legend: Sequence[str]
    kinds: Sequence[str]
    """For each row `measured`, `mean`, `printed`, or the state of a row without scores."""


class Gaps:
    """Paired differences of results, each computed once."""

    def __init__(self) -> None:
        self._known: dict[
            tuple[int, int, str], tuple[EvaluationResult, EvaluationResult, Difference | None]
        ] = {}

    def __call__(self, mine: EvaluationResult, other: EvaluationResult, metric: str) -> Difference | None:
        """The difference of two results in a metric; None if too few images have scores in both."""
        key = id(mine), id(other), metric
        if key not in self._known:  # keeps the results alive, so that their ids stay theirs
            self._known[key] = mine, other, difference(mine.scores, other.scores, metric)
        return self._known[key][2]


def by_data(rows: Sequence[Measured]) -> dict[DataSet, list[Measured]]:
    """The rows of each data set."""
    groups: dict[DataSet, list[Measured]] = {}
    for row in rows:
        groups.setdefault(row.row.data, []).append(row)
    return groups


def directions(rows: Sequence[Measured]) -> list[str]:
    """The directions in which any of the rows is scored."""
    return list(dict.fromkeys(result.direction for row in rows for result in row.scored))


def score_tables(rows: Sequence[Measured], gaps: Gaps) -> Iterator[Table]:
    """The scores on each data set in each direction, then rows without scores, means and printed numbers."""
    for data, group in by_data(rows).items():
        for direction in directions(group):
            yield _scores(data, direction, group, find_metrics(data.metrics), gaps)


def _scores(
    data: DataSet, direction: str, group: Sequence[Measured], metrics: Mapping[str, Metric], gaps: Gaps
) -> Table:
    measured = [r for row in group for r in row.scored if r.direction == direction]
    means = mean_results([r for row in group if row.seeded for r in row.scored if r.direction == direction])
    printed = printed_once([r for row in group for r in row.printed if r.direction == direction])
    results = [*measured, *means, *printed]
    winners = best(results, metrics)
    cells = [
        [Cell(result.name), *_cells(number, results, metrics, winners, gaps)]
        for number, result in enumerate(results)
    ]
    absent = [row for row in group if row.state not in ("scored", "waiting")]
    empty = [Cell(MISSING)] * (len(metrics) - 1)
    missing = [[Cell(row.name), Cell(row.state), *empty] for row in absent]
    at = len(measured)
    legend = tables.notes(measured, metrics)
    legend += [f"{row.name}: {row.reason}" for row in absent]
    legend += _waiting(group)
    if any(cell.text.endswith("≈") for row in cells for cell in row):
        legend.append("≈: does not differ from the best of the column (paired sign-flip test, p ≥ 0.05)")
    return Table(
        f"{data.name}, {direction}",
        tables.columns([], metrics),
        [*cells[:at], *missing, *cells[at:]],
        legend,
        [r.kind for r in measured] + [row.state for row in absent] + [r.kind for r in results[at:]],
    )


def _waiting(group: Sequence[Measured]) -> list[str]:
    """A line that names the rows which are not done yet, if there are any."""
    names = [row.name for row in group if row.state == "waiting"]
    return [f"not done yet: {', '.join(names)}"] if names else []


def _cells(
    number: int,
    results: Sequence[EvaluationResult],
    metrics: Mapping[str, Metric],
    winners: set[tuple[int, str]],
    gaps: Gaps,
) -> Iterator[Cell]:
    result = results[number]
    for metric in metrics:
        text, is_best = tables.format_score(result.scores.by_metric.get(metric)), (number, metric) in winners
        top = _top(results, winners, metric)
        if top is not None and not is_best and result.kind == "measured":
            gap = gaps(result, top, metric)
            text += " ≈" if gap and not gap.significant else ""
        yield Cell(text, is_best)


def _top(
    results: Sequence[EvaluationResult], winners: set[tuple[int, str]], metric: str
) -> EvaluationResult | None:
    """The best result in a metric, the first of equal ones; None if there are no two to compare."""
    return min(
        ((index, results[index]) for index, name in winners if name == metric),
        default=(0, None),
        key=lambda w: w[0],
    )[1]


def cost_tables(rows: Sequence[Measured]) -> Iterator[Table]:
    """What the rows of each data set have cost: in training, and for each translation."""
    for data, group in by_data(rows).items():
        ways = directions(group)
        columns = ["", "steps", "images seen", "minutes", "ms per image", "precision", "peak GB"]
        targets = [way.rpartition("→")[2].strip() for way in ways]
        columns += [f"{unit} → {to}" for to in targets for unit in ("ms", "M")]
        shown = [row for row in group if row.state != "waiting" or row.spent]
        cells = [[Cell(text) for text in _costs(row, ways)] for row in shown]
        legend = [
            "minutes, ms: processor time of all threads (on a GPU: elapsed), without scores and samples",
            "images seen: rows of all batches, each a pair or an image of each domain",
            "ms →: time of translating one image; M →: million parameters of the networks that do",
        ]
        legend += _machines(shown)
        yield Table(f"{data.name}, costs", columns, cells, legend, [row.state for row in shown])


def _machines(rows: Sequence[Measured]) -> list[str]:
    """A line for each machine with its rows, if there are several machines."""
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row.machine, []).append(row.name)
    return [f"on {machine}: {', '.join(names[machine])}" for machine in names] if len(names) > 1 else []


def _costs(row: Measured, ways: Sequence[str]) -> Iterator[str]:
    training, spent, per_image = row.training, row.spent, row.seconds_per_image
    yield row.name
    yield MISSING if training is None else f"{training.steps:,}"
    yield MISSING if spent is None else f"{spent.images:,}"
    yield MISSING if spent is None else f"{spent.seconds / 60:.1f}"
    yield _milliseconds(per_image)
    yield MISSING if training is None else training.precision
    yield f"{spent.peak_bytes / 2**30:.2f}" if spent and spent.peak_bytes else MISSING
    for way in ways:
        seconds = row.samples.seconds.get(way) if row.samples else None
        parameters = row.samples.parameters.get(way) if row.samples else None
        yield _milliseconds(seconds)
        yield MISSING if parameters is None else f"{parameters / 1e6:.2f}"


def _milliseconds(seconds: float | None) -> str:
    """Seconds as milliseconds with three significant digits."""
    return MISSING if seconds is None else f"{float(f'{1000 * seconds:.3g}'):,g}"


def records(rows: Sequence[Measured], gaps: Gaps) -> list[dict[str, str | float | int | None]]:
    """A flat record for each row and direction, for CSV: scores with intervals, differences, costs."""
    found = []
    for data, group in by_data(rows).items():
        metrics = find_metrics(data.metrics)
        for direction in directions(group) or [""]:
            results = [r for row in group for r in row.scored if r.direction == direction]
            winners = best(results, metrics)
            for row in group:
                mine = next((r for r in row.scored if r.direction == direction), None)
                found.append(_record(row, direction) | _flat(mine, results, winners, metrics, gaps))
    return found


def _record(row: Measured, direction: str) -> dict[str, str | float | int | None]:
    training, spent, shown = row.training, row.spent, row.samples
    return {
        "system": row.row.system.name,
        "kind": row.row.system.kind,
        "data": row.row.data.name,
        "protocol": row.row.data.protocol,
        "direction": direction,
        "seed": row.row.seed,
        "state": row.state,
        "reason": row.reason,
        "steps": training.steps if training else None,
        "images": spent.images if spent else None,
        "training_seconds": spent.seconds if spent else None,
        "training_seconds_per_image": row.seconds_per_image,
        "precision": training.precision if training else None,
        "peak_bytes": spent.peak_bytes if spent else None,
        "machine": row.machine,
        "translation_seconds_per_image": shown.seconds.get(direction) if shown else None,
        "parameters": shown.parameters.get(direction) if shown else None,
    }


def _flat(
    mine: EvaluationResult | None,
    results: Sequence[EvaluationResult],
    winners: set[tuple[int, str]],
    metrics: Mapping[str, Metric],
    gaps: Gaps,
) -> dict[str, str | float | int | None]:
    values: dict[str, str | float | int | None] = {}
    for metric in metrics:
        score = mine.scores.by_metric.get(metric) if mine else None
        top = _top(results, winners, metric)
        gap = gaps(mine, top, metric) if mine and top and top is not mine else None
        values[metric] = score.value if score else None
        values[f"{metric}_low"] = score.low if score else None
        values[f"{metric}_high"] = score.high if score else None
        values[f"{metric}_p_against_best"] = gap.p if gap else None
    return values
