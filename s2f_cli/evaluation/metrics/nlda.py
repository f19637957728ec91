"""Face sketch recognition by null-space linear discriminant analysis.

L.-F. Chen et al.: A new LDA-based face recognition system which can solve the small sample size problem,
Pattern Recognition 33, 2000. The protocol is that of face sketch papers since N. Wang et al.: Random sampling
for fast face sketch synthesis, Pattern Recognition 76, 2018: 20 random splits; each true image is looked up
among the generated ones.
"""

from pathlib import Path

import numpy as np
import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features, SetMetric, SetScore
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["nlda"]

_SPLITS = 20
_SEED = 20
_TRAINING = {338: 150, 944: 300}
_SHARE = 150 / 338
_FEWEST = 8


class _Pixels:
    """Gray pixels, as an `Extractor`: features (N, H · W) in [0, 255]."""

    variant = "gray pixels"
    key = ""

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None:
            raise MetricError("NLDA takes no weights file", "leave out --fid-weights")

    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features of images (N, 3, H, W) in [0, 1]."""
        pixels: Features = luma(images, 255).flatten(1).numpy()
        return pixels


def recognition_rates(generated: Features, reference: Features) -> Features:
    """Rank-1 recognition rates (splits, dimensions): by random split and number of discriminants.

    Row n of both sets (N, D) shows the same person. The classifier is trained on 150 of 338 people (CUFS),
    300 of 944 (CUFSF), and the share of CUFS of other numbers. Raises MetricError for fewer than 8 people.
    """
    people = len(generated)
    if people < _FEWEST:
        raise MetricError(f"NLDA needs at least {_FEWEST} people, not {people}", "add images")
    draw = np.random.default_rng(_SEED)
    training = _TRAINING.get(people, round(people * _SHARE))
    rates = np.zeros((_SPLITS, training - 1))
    for split in range(_SPLITS):
        order = draw.permutation(people)
        train, test = order[:training], order[training:]
        basis = _discriminants(generated[train], reference[train])
        gallery, probes = generated[test] @ basis, reference[test] @ basis
        distances = np.zeros((len(test), len(test)))
        for dimension in range(training - 1):
            distances += np.square(probes[:, dimension, None] - gallery[:, dimension])
            rates[split, dimension] = np.mean(distances.argmin(axis=1) == np.arange(len(test)))
    return rates


def _discriminants(generated: Features, reference: Features) -> Features:
    """Directions (D, people - 1) in which the two images of a person agree, the most discriminating first."""
    within, _ = np.linalg.qr((reference - generated).T)
    means = (reference + generated) / 2
    means = means - means.mean(axis=0)
    means = means - (means @ within) @ within.T
    _, _, directions = np.linalg.svd(means, full_matrices=False)
    basis: Features = directions[:-1].T
    return basis


def _nlda(generated: Features, reference: Features) -> SetScore:
    rates = recognition_rates(generated.astype(np.float64), reference.astype(np.float64))
    best = rates[:, rates.mean(axis=0).argmax()]
    low, high = np.quantile(best, [0.025, 0.975])
    return SetScore(float(best.mean()), float(low), float(high))


nlda = SetMetric(
    title="NLDA",
    better="higher",
    unit="0 to 1",
    variant="rank-1 rate, mean of 20 random splits at the best number of discriminants; interval over splits",
    source="Chen et al., Pattern Recognition 33, 2000; protocol of Wang et al., Pattern Recognition 76, 2018",
    open=_Pixels,
    measure=_nlda,
    paired=True,
)
