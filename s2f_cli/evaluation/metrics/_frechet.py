"""The Fréchet distance between two sets of features.

M. Heusel et al., GANs trained by a two time-scale update rule converge to a local Nash equilibrium, NeurIPS
2017, equation 6.
"""

import numpy as np

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features, SetScore


def measure(generated: Features, reference: Features) -> SetScore:
    """Score two sets of features (N, D) and (M, D) by their Fréchet distance."""
    return SetScore(frechet_distance(generated, reference))


def frechet_distance(generated: Features, reference: Features) -> float:
    """|m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½) for the means and covariances of features (N, D) and (M, D).

    With S1 = A'A and S2 = B'B, the trace of the root is the sum of the singular values of A B'. It is thus
    never negative, imaginary or NaN, whatever the ranks. Raises MetricError for fewer than two images.
    """
    if min(len(generated), len(reference)) < 2:
        raise MetricError("a Fréchet distance needs at least two images on each side", "add images")
    first, second = generated.astype(np.float64), reference.astype(np.float64)
    shift = first.mean(axis=0) - second.mean(axis=0)
    root, other_root = _root(first), _root(second)
    cross = np.linalg.svd(root @ other_root.T, compute_uv=False).sum()
    distance = shift @ shift + np.square(root).sum() + np.square(other_root).sum() - 2 * cross
    return max(float(distance), 0.0)  # which rounding can miss for equal sets


def _root(features: Features) -> Features:
    """A matrix A of at most D rows such that A'A is the covariance of features (N, D)."""
    count, dimensions = features.shape
    centred = (features - features.mean(axis=0)) / np.sqrt(count - 1)
    if count <= dimensions:
        return centred
    values, vectors = np.linalg.eigh(centred.T @ centred)
    root: Features = np.sqrt(values.clip(0))[:, None] * vectors.T
    return root
