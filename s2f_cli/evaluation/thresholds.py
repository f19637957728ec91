"""Scores that must be reached, from options, from pyproject.toml, or from an earlier evaluation."""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Metric
from s2f_cli.evaluation.rows import Row

TOLERANCE = 0.01
_KEYS = ("metric", "fail-under", "fail-over", "baseline", "tolerance")


@dataclass(frozen=True)
class Threshold:
    """A bound on a metric: a score under it, or over it, fails."""

    metric: str
    side: Literal["under", "over"]
    bound: float

    @classmethod
    def parse(cls, text: str, side: Literal["under", "over"]) -> "Threshold":
        """The threshold in a text like `ssim=0.5`; raises MetricError for another form."""
        metric, _, number = text.partition("=")
        try:
            bound = float(number)
        except ValueError:
            bound = math.nan
        if not metric.strip() or math.isnan(bound):
            raise MetricError(f"{text!r} is not a threshold", "write a metric and a number, like ssim=0.5")
        return cls(metric.strip().lower().replace("-", "_"), side, bound)

    def missed_by(self, value: float) -> bool:
        """Whether a score is on the wrong side of the bound; not-a-number always is."""
        return not (value >= self.bound if self.side == "under" else value <= self.bound)


@dataclass(frozen=True)
class Gate:
    """What `[tool.s2f.evaluate]` of a pyproject.toml says."""

    metric: str = ""
    thresholds: tuple[Threshold, ...] = ()
    baseline: Path | None = None
    tolerance: float = TOLERANCE

    @classmethod
    def read(cls, folder: Path) -> "Gate":
        """The gate in the pyproject.toml of a folder, an empty one without.

        Raises MetricError naming the file and the key that is wrong.
        """
        file = folder / "pyproject.toml"
        if not file.is_file():
            return cls()
        try:
            table = (
                tomllib.loads(file.read_text(encoding="utf-8"))
                .get("tool", {})
                .get("s2f", {})
                .get("evaluate", {})
            )
            if unknown := sorted(table.keys() - set(_KEYS)):
                raise MetricError(
                    f"{file}: tool.s2f.evaluate has no key {unknown[0]!r}", f"known: {', '.join(_KEYS)}"
                )
            metric = table.get("metric", "")
            return cls(
                ",".join(metric) if isinstance(metric, list) else str(metric),
                tuple(Threshold.parse(f"{m}={v}", "under") for m, v in table.get("fail-under", {}).items())
                + tuple(Threshold.parse(f"{m}={v}", "over") for m, v in table.get("fail-over", {}).items()),
                folder / table["baseline"] if "baseline" in table else None,
                float(table.get("tolerance", TOLERANCE)),
            )
        except (
            tomllib.TOMLDecodeError,
            UnicodeDecodeError,
            AttributeError,
            TypeError,
            ValueError,
        ) as problem:
            raise MetricError(f"{file}: tool.s2f.evaluate is broken ({problem})", "mend the file") from None


def missed(row: Row, thresholds: Sequence[Threshold]) -> dict[str, str]:
    """What a measured row misses: metric → a line. A metric without a score misses nothing."""
    scores = row.scores.metrics if row.kind == "measured" else {}
    return {
        t.metric: f"{t.metric} is {scores[t.metric].value:.4g}, {t.side} {t.bound:g}"
        for t in thresholds
        if t.metric in scores and t.missed_by(scores[t.metric].value)
    }


def regressions(
    row: Row, metrics: Mapping[str, Metric], baseline: Mapping[str, Any], tolerance: float
) -> dict[str, str]:
    """Where a measured row is worse than an earlier evaluation by more than a share of it: metric → a line.

    It is held against the result of its name and direction, else against the only one of its direction.
    Raises MetricError when the earlier evaluation measured another variant of a metric.
    """
    measured = [r for r in baseline["results"] if r.get("kind", "measured") == "measured"]
    earlier = [r for r in measured if r["direction"] == row.direction]
    named = [r for r in earlier if r["name"] == row.name]
    if row.kind != "measured" or not (named or len(earlier) == 1):
        return {}
    before = (named or earlier)[0]["scores"]
    worse = {}
    for name, score in row.scores.metrics.items():
        if name in before and baseline["metrics"][name]["variant"] != row.scores.variants[name]:
            raise MetricError(f"the baseline measured another variant of {name}", "make the baseline again")
        old = float(before[name]["value"]) if before.get(name, {}).get("value") is not None else math.nan
        loss = old - score.value if metrics[name].better == "higher" else score.value - old
        if loss > tolerance * abs(old):
            worse[name] = f"{name} is {score.value:.4g}, in the baseline {old:.4g}"
    return worse


def read_baseline(file: Path) -> dict[str, Any]:
    """An evaluation kept with `s2f evaluate --json`; raises MetricError when there is none in the file."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise MetricError(f"there is no baseline {file}", f"make it: s2f evaluate --json > {file}") from None
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        raise MetricError(f"{file} is no evaluation", f"make it again: s2f evaluate --json > {file}")
    return document
