"""Distance between the embeddings of a generated face and of its reference."""

import numpy as np

from s2f_cli.evaluation.metrics._contract import Features, SetMetric, SetScore
from s2f_cli.evaluation.metrics._embedding import SAME_PERSON, SOURCE, Embedding

__all__ = ["identity"]


def _identity(generated: Features, reference: Features) -> SetScore:
    return SetScore.mean_of(np.linalg.norm(generated - reference, axis=1))


identity = SetMetric(
    title="Identity distance",
    better="lower",
    unit=f"0 and up; under {SAME_PERSON} dlib takes two faces for one person",
    variant="distance of each generated face from its own reference; undefined where no face is found",
    source=SOURCE,
    open=Embedding,
    measure=_identity,
    paired=True,
)
