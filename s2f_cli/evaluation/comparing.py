"""Rows against each other: the difference to the first, whether it is more than chance; groups of images."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from s2f_cli.evaluation.intervals import bootstrap
from s2f_cli.evaluation.scoring import Score, Scores

_FLIPS = 4_000
_SEED = 20
_FEWEST = 6
"""Below six pairs no sign-flip test can give p < 0.05."""


@dataclass(frozen=True)
class Difference:
    """By how much a row's mean exceeds the first row's on the images that both scored."""

    value: float
    low: float
    high: float
    p: float
    """How often chance alone makes a difference at least as large: the paired sign-flip test, two-sided."""
    count: int

    @property
    def significant(self) -> bool:
        """Whether p < 0.05."""
        return self.p < 0.05


def difference(row: Scores, first: Scores, metric: str) -> Difference | None:
    """The paired difference of two rows in a metric; None without finite scores of six common images.

    R. Fisher: The Design of Experiments, 1935, section 21: under the null hypothesis each difference is as
    likely to have the other sign.
    """
    pairs = [
        (scores[metric], first.per_image[image][metric])
        for image, scores in row.per_image.items()
        if metric in scores and metric in first.per_image.get(image, {})
    ]
    gaps = np.array([mine - theirs for mine, theirs in pairs if np.isfinite(mine) and np.isfinite(theirs)])
    if len(gaps) < _FEWEST:
        return None
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], size=(_FLIPS, len(gaps)))
    extreme = np.abs(signs @ gaps) >= abs(gaps.sum()) * (1 - 1e-12)
    low, high = bootstrap(gaps) or (gaps.mean(), gaps.mean())
    p = (1 + extreme.sum()) / (1 + _FLIPS)
    return Difference(float(gaps.mean()), float(low), float(high), float(p), len(gaps))


def groups(scores: Scores, attribute: str) -> dict[str, dict[str, Score]]:
    """The means of the images of each value of an attribute: value → metric → score, values sorted.

    Images without the attribute stand under `unknown`. Metrics that compare sets have no groups.
    """
    members: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for image, found in scores.per_image.items():
        value = scores.attributes.get(image, {}).get(attribute, "unknown")
        for metric, score in found.items():
            if not np.isnan(score):
                members[value][metric].append(score)
    return {
        value: {metric: _mean(np.array(each)) for metric, each in members[value].items()}
        for value in sorted(members)
    }


def _mean(each: np.ndarray) -> Score:
    low, high = bootstrap(each) or (None, None)
    return Score(float(each.mean()), len(each), low, high)
