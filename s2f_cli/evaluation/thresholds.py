"""Scores that must be reached."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from s2f_cli.errors import MetricError
from s2f_cli.evaluation.scoring import Score


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


def missed(scores: Mapping[str, Score], thresholds: Sequence[Threshold]) -> list[str]:
    """A line for each threshold that the scores miss; a metric without a score misses nothing."""
    return [
        f"{t.metric} is {scores[t.metric].value:.4g}, {t.side} {t.bound:g}"
        for t in thresholds
        if t.metric in scores and t.missed_by(scores[t.metric].value)
    ]
