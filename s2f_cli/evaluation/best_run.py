"""The best of several runs, by the scores of their best checkpoints."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from s2f_cli.core import registry
from s2f_cli.core.errors import RunError
from s2f_cli.evaluation.scoring import find_metrics


class BestRun(NamedTuple):
    """The run with the best score."""

    folder: Path
    key: str
    """`SPLIT/METRIC` or `SPLIT/METRIC:DOMAIN`."""
    score: float


def best_run(runs: Mapping[Path, Mapping[str, float]], by: str = "") -> BestRun:
    """Choose the best of some runs, from the scores of each by `SPLIT/METRIC:DOMAIN`.

    `by` is a score such as `ssim:face` or `val/ssim:face`; without it, the first score of every run decides,
    which must be the same. Runs without that score, or with NaN, are not compared.

    Raises RunError if no run has the score, or they have several that fit; MissingPart for an unknown metric.
    """
    scored = {run: scores for run, scores in runs.items() if scores}
    if not scored:
        raise RunError("no run has a score", "train with --best-by METRIC, such as --best-by ssim:face")
    known = sorted({key for scores in scored.values() for key in scores})
    wanted = by.strip().lower().replace("-", "_")
    fits = (
        [key for key in known if wanted in (key, key.partition("/")[2])] if by else _deciding(scored.values())
    )
    if len(fits) != 1:
        if by and not fits:
            raise RunError(f"no run has the score {by!r}", registry.did_you_mean(wanted, known))
        raise RunError(
            f"the runs have the scores {', '.join(fits)}", f"choose one with --by: {', '.join(known)}"
        )
    (key,) = fits
    metric = key.rpartition("/")[2].partition(":")[0]
    sign = 1 if find_metrics([metric])[metric].better == "higher" else -1
    values = {run: scores[key] for run, scores in scored.items() if not math.isnan(scores.get(key, math.nan))}
    if not values:
        raise RunError(f"the score {key} of every run is not a number", "choose another score with --by")
    folder = max(values, key=lambda run: sign * values[run])
    return BestRun(folder, key, values[folder])


def _deciding(scores: Iterable[Mapping[str, float]]) -> list[str]:
    return sorted({next(iter(of_run)) for of_run in scores})
