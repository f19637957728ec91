"""Share of generated faces that are nearer to their own person than to everybody else."""

import numpy as np
from scipy.spatial.distance import cdist

from s2f_cli.evaluation.metrics._contract import Features, SetMetric, SetScore
from s2f_cli.evaluation.metrics._embedding import SOURCE, Embedding

__all__ = ["identity_rank1"]


def _rank1(generated: Features, reference: Features) -> SetScore:
    nearest = cdist(generated, reference).argmin(axis=1)
    return SetScore.mean_of((nearest == np.arange(len(generated))).astype(np.float64))


identity_rank1 = SetMetric(
    title="Identity rank-1",
    better="higher",
    unit="0 to 1",
    variant="share of generated faces whose nearest reference is their own; undefined where no face is found",
    source=SOURCE,
    open=Embedding,
    measure=_rank1,
    paired=True,
)
