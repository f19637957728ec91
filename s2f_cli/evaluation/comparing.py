"""Compare scores: paired differences with their significance, and means by group of images."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from s2f_cli.evaluation.intervals import bootstrap
from s2f_cli.evaluation.scoring import Score, Scores, mean_score

_FLIPS = 4_000
_SEED = 20
_FEWEST = 6
"""With fewer pairs no sign-flip test can reach p < 0.05."""


@dataclass(frozen=True)
class Difference:
    """Mean paired difference over the images that both sides have scores for, with its 95 % interval."""

    value: float
    low: float
    high: float
    p: float
    """Two-sided p-value of the paired sign-flip test."""
    count: int

    @property
    def significant(self) -> bool:
        """Whether p < 0.05."""
        return self.p < 0.05


def difference(scores: Scores, baseline: Scores, metric: str) -> Difference | None:
    """Compare scores with a baseline in a metric; None for fewer than six images with finite scores in both.

    R. Fisher: The Design of Experiments, 1935, section 21: under the null hypothesis each difference is as
    likely to have the other sign. The p-value comes from 4000 random sign flips with a fixed seed.
    """
    pairs = [
        (values[metric], baseline.per_image[image][metric])
        for image, values in scores.per_image.items()
        if metric in values and metric in baseline.per_image.get(image, {})
    ]
    gaps = np.array([mine - theirs for mine, theirs in pairs if np.isfinite(mine) and np.isfinite(theirs)])
    if len(gaps) < _FEWEST:
        return None
    low, high = bootstrap(gaps) or (gaps.mean(), gaps.mean())
    return Difference(float(gaps.mean()), float(low), float(high), sign_flip_test(gaps), len(gaps))


def sign_flip_test(gaps: npt.NDArray[np.float64]) -> float:
    """The two-sided p-value of paired differences (N,): how often random signs give at least their sum.

    Equivalent to `scipy.stats.permutation_test` with `permutation_type="samples"`, but without the half
    second that importing `scipy.stats` takes.
    """
    extreme = np.abs(_signs(len(gaps)) @ gaps) >= abs(gaps.sum()) * (1 - 1e-12)
    return float((1 + extreme.sum()) / (1 + _FLIPS))


@lru_cache(maxsize=1)
def _signs(count: int) -> npt.NDArray[np.float64]:
    """The random signs (flip, pair): drawing them takes longer than the test."""
    return np.random.default_rng(_SEED).choice([-1.0, 1.0], size=(_FLIPS, count))


def groups(scores: Scores, attribute: str) -> dict[str, dict[str, Score]]:
    """Average the scores of images with each value of an attribute: value → metric → score, values sorted.

    Images without the attribute are grouped as `unknown`. Metrics of sets have no scores by group.
    """
    members: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for image, by_metric in scores.per_image.items():
        group = scores.attributes.get(image, {}).get(attribute, "unknown")
        for metric, value in by_metric.items():
            members[group][metric].append(value)
    means = {
        group: {metric: mean_score(values) for metric, values in members[group].items()}
        for group in sorted(members)
    }
    return {
        group: {metric: score for metric, score in scores.items() if score is not None}
        for group, scores in means.items()
        if any(score is not None for score in scores.values())
    }
