"""Accuracy of deciding by dlib's threshold whether a generated face shows a given person."""

import numpy as np
from scipy.spatial.distance import cdist

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features, SetMetric, SetScore
from s2f_cli.evaluation.metrics._embedding import SAME_PERSON, SOURCE, Embedding

__all__ = ["identity_verification"]


def _verification(generated: Features, reference: Features) -> SetScore:
    if len(generated) < 2:
        raise MetricError("verification needs at least two people", "add images")
    same = cdist(generated, reference) < SAME_PERSON
    own = np.eye(len(same), dtype=bool)
    return SetScore(float((same[own].mean() + (~same[~own]).mean()) / 2))


identity_verification = SetMetric(
    title="Identity verification",
    better="higher",
    unit="0.5 (chance) to 1",
    variant=f"right decisions at {SAME_PERSON}, own and foreign references weighed equally",
    source=SOURCE,
    open=Embedding,
    measure=_verification,
    paired=True,
)
