"""Quality gates: thresholds from options or pyproject.toml, and a baseline to compare with."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core import documents, registry
from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.results import EvaluationResult

TOLERANCE = 0.01
_DIGEST = re.compile(r"\b[0-9a-f]{12}\b")
"""The digest of a prepared data set in the name of the images of a result."""
_KEYS = ("metric", "fail-under", "fail-over", "baseline", "tolerance")


@dataclass(frozen=True)
class Threshold:
    """A bound on a metric; a score under it, or over it, fails."""

    metric: str
    side: Literal["under", "over"]
    bound: float

    @classmethod
    def parse(cls, text: str, side: Literal["under", "over"]) -> "Threshold":
        """Parse a threshold such as `ssim=0.5`. Raises MetricError for anything else."""
        metric, _, number = text.partition("=")
        try:
            bound = float(number)
        except ValueError:
            bound = math.nan
        if not metric.strip() or not math.isfinite(bound):
            raise MetricError(f"{text!r} is not a threshold", "write a metric and a number, such as ssim=0.5")
        return cls(metric.strip().lower().replace("-", "_"), side, bound)

    def missed_by(self, value: float) -> bool:
        """Whether a score is on the wrong side of the bound. NaN always is, the bound itself never."""
        return not (value >= self.bound if self.side == "under" else value <= self.bound)


@dataclass(frozen=True)
class QualityGate:
    """The thresholds and baseline that results must meet, as in `[tool.s2f.evaluate]` of a pyproject.toml."""

    metrics: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    baseline: Path | None = None
    tolerance: float = TOLERANCE
    """Accepted loss against the baseline, as a fraction of its score."""

    @classmethod
    def read(cls, folder: Path) -> "QualityGate":
        """Read the pyproject.toml of a folder. Without a file or table, the gate is empty.

        Raises MetricError naming the file and the key that is wrong.
        """
        file = folder / "pyproject.toml"
        if not file.is_file():
            return cls()
        try:
            document = documents.from_toml(file.read_bytes())
            table = document.get("tool", {}).get("s2f", {}).get("evaluate", {})
            if unknown := sorted(table.keys() - set(_KEYS)):
                raise MetricError(
                    f"{file}: tool.s2f.evaluate has no key {unknown[0]!r}",
                    registry.did_you_mean(unknown[0], list(_KEYS)),
                )
            metric = table.get("metric", "")
            return cls(
                tuple(metric if isinstance(metric, list) else filter(None, str(metric).split(","))),
                tuple(Threshold.parse(f"{m}={v}", "under") for m, v in table.get("fail-under", {}).items())
                + tuple(Threshold.parse(f"{m}={v}", "over") for m, v in table.get("fail-over", {}).items()),
                folder / table["baseline"] if "baseline" in table else None,
                _number(table.get("tolerance", TOLERANCE)),
            )
        except (AttributeError, TypeError, ValueError) as problem:
            raise MetricError(f"{file}: tool.s2f.evaluate is broken ({problem})", "fix the file") from None

    def __post_init__(self) -> None:
        """Raise MetricError for a tolerance that is not a share."""
        if not 0 <= self.tolerance < 1:
            raise MetricError(
                f"a tolerance of {self.tolerance:g} is not a share of a score",
                "choose a number from 0 to below 1, such as 0.01",
            )

    def wrong_way(self, metrics: Mapping[str, Metric]) -> list[str]:
        """Warnings of thresholds that good scores miss and bad ones pass."""
        sides = {"higher": "under", "lower": "over"}
        warnings = []
        for t in self.thresholds:
            better = metrics[t.metric].better
            if sides[better] != t.side:
                warnings.append(
                    f"{t.metric} is better {better}: --fail-{t.side} {t.metric}={t.bound:g} passes bad "
                    f"scores, --fail-{sides[better]} fails them"
                )
        return warnings

    def failures(
        self, results: Sequence[EvaluationResult], metrics: Mapping[str, Metric]
    ) -> list[dict[str, str]]:
        """For each result, the metrics that miss a threshold or got worse → explanation.

        Raises MetricError if the baseline is missing, broken or of another variant of a metric.
        """
        baseline = read_baseline(self.baseline) if self.baseline else None
        return [
            ({} if baseline is None else regressions(result, metrics, baseline, self.tolerance))
            | missed(result, self.thresholds)
            for result in results
        ]


def missed(result: EvaluationResult, thresholds: Sequence[Threshold]) -> dict[str, str]:
    """The metrics in which a measured result misses a threshold → explanation."""
    scores = result.scores.by_metric if result.kind == "measured" else {}
    return {
        t.metric: f"{t.metric} is {scores[t.metric].value:.4g}, {t.side} {t.bound:g}"
        for t in thresholds
        if t.metric in scores and t.missed_by(scores[t.metric].value)
    }


def regressions(
    result: EvaluationResult, metrics: Mapping[str, Metric], baseline: Mapping[str, Any], tolerance: float
) -> dict[str, str]:
    """The metrics in which a measured result is worse than the baseline → explanation.

    Worse means a loss of more than `tolerance`, a fraction of the baseline's score. The result is compared
    with the baseline's result of the same name and direction, or with the only one of its direction. Without
    a result or a number to compare with, a metric counts as worse. Raises MetricError if the baseline
    measured another variant of a metric, other images, or a model that was given other conditions.
    """
    if result.kind != "measured":
        return {}
    measured = [r for r in baseline["results"] if r.get("kind", "measured") == "measured"]
    same_direction = [r for r in measured if r["direction"] == result.direction]
    same_name = [r for r in same_direction if r["name"] == result.name]
    if not (same_name or len(same_direction) == 1):
        rows = ", ".join(f"{r['name']} {r['direction']}".rstrip() for r in measured) or "no result"
        return {name: f"{name}: the baseline has no row of this name, only {rows}" for name in metrics}
    row = (same_name or same_direction)[0]
    if row.get("conditions", result.conditions) != result.conditions:
        raise MetricError(
            f"the model of the baseline was given other conditions than {result.title}",
            "write the baseline again, with the same --given, --style and --condition",
        )
    if difference := _other_images(row, result):
        raise MetricError(
            f"the baseline was scored on other images than {result.title}: {difference}",
            "write the baseline again, with `s2f evaluate --json`",
        )
    before = row["scores"]
    explained = {
        name: _compared(name, score.value, before, better=metrics[name].better, tolerance=tolerance)
        for name, score in result.scores.by_metric.items()
        if _same_variant(name, before, baseline, result)
    }
    return {name: explanation for name, explanation in explained.items() if explanation}


def _other_images(row: Mapping[str, Any], result: EvaluationResult) -> str:
    """How the images of a row of the baseline differ from those of a result; empty if they do not.

    Prepared data sets differ by their digests, folders by the names of their images.
    """
    before, now = str(row.get("data", "")), result.data
    digests = [_DIGEST.findall(text) for text in (before, now)]
    if all(digests) and digests[0] != digests[1]:
        return f"{before}, not {now}"
    names, names_now = set(row.get("per_image", ())), set(result.scores.per_image)
    changed = names ^ names_now
    if not names or not names_now or not changed:
        return ""
    first = min(changed)
    return f"{len(changed)} are only in one of them, such as {first}"


def _same_variant(
    name: str, before: Mapping[str, Any], baseline: Mapping[str, Any], result: EvaluationResult
) -> bool:
    """True; raises MetricError if the baseline measured another variant of a metric."""
    if name in before and baseline["metrics"][name]["variant"] != result.scores.variants[name]:
        raise MetricError(
            f"the baseline measured another variant of {name}",
            "write the baseline again, with `s2f evaluate --json`",
        )
    return True


def _compared(
    name: str, value: float, before: Mapping[str, Any], *, better: str, tolerance: float
) -> str | None:
    """Why a score does not pass against those of the baseline; None if it does."""
    if name not in before:
        return f"{name}: the baseline has no such score; write it again with --metric {name}"
    try:
        old = float(before[name]["value"])
    except (TypeError, ValueError):
        old = math.nan
    if math.isnan(old):
        return f"{name}: the baseline has no number to compare with"
    if value == old:
        return None
    loss = old - value if better == "higher" else value - old
    # an infinite score, such as the PSNR of equal images, has no fraction: every other one is worse or better
    passes = loss < 0 if math.isinf(old) else loss <= tolerance * abs(old)
    return None if passes else f"{name} is {value:.4g}, but was {old:.4g} in the baseline"


def read_baseline(file: Path) -> dict[str, Any]:
    """Read an evaluation saved with `s2f evaluate --json`. Raises MetricError if the file is not one."""
    try:
        document = documents.from_json(file.read_bytes())
    except OSError:
        raise MetricError(f"there is no baseline {file}", f"run s2f evaluate --json > {file}") from None
    except ValueError:
        document = None
    if not _is_evaluation(document):
        raise MetricError(f"{file} is not an evaluation", f"run s2f evaluate --json > {file}")
    return document


def _is_evaluation(document: Any) -> bool:
    """Whether a JSON document has everything that a comparison reads."""
    try:
        return all(
            isinstance(row["name"], str)
            and isinstance(row["direction"], str)
            and isinstance(row.get("per_image", {}), dict)
            and all(
                "value" in score and document["metrics"][name]["variant"]
                for name, score in row["scores"].items()
            )
            for row in document["results"]
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
