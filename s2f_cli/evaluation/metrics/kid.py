"""Kernel inception distance, which is unbiased for any number of images.

M. Bińkowski, D. Sutherland, M. Arbel, A. Gretton: Demystifying MMD GANs, ICLR 2018, section 4. Images are
resized without aliasing: G. Parmar, R. Zhang, J.-Y. Zhu: On aliased resizing and surprising subtleties in GAN
evaluation, CVPR 2022.
"""

import numpy as np

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features, SetMetric, SetScore
from s2f_cli.evaluation.metrics._inception import CleanInception

__all__ = ["kid"]

_RESAMPLES = 200
_SEED = 20
_ROWS = 1000
_FEWEST = 4


def kernel_distance(generated: Features, reference: Features) -> SetScore:
    """The unbiased squared MMD of features (N, D) and (M, D) under the kernel (xy / D + 1)³.

    All pairs are used, which gives the expectation of the usual mean over random subsets. The 95 % interval
    comes from random halves of both sets (the delete-half jackknife; Shao and Wu, Annals of Statistics 17(3),
    1989). Raises MetricError for fewer than four images.
    """
    if min(len(generated), len(reference)) < _FEWEST:
        raise MetricError(f"a kernel distance needs at least {_FEWEST} images on each side", "add images")
    draw = np.random.default_rng(_SEED)
    chosen, other_chosen = _halves(len(generated), draw), _halves(len(reference), draw)
    count, other_count = chosen.sum(axis=0), other_chosen.sum(axis=0)
    within = _sums(generated, generated, chosen, chosen, skip_self=True) / (count * (count - 1))
    within_other = _sums(reference, reference, other_chosen, other_chosen, skip_self=True)
    within_other = within_other / (other_count * (other_count - 1))
    between = _sums(generated, reference, chosen, other_chosen) / (count * other_count)
    distances = within + within_other - 2 * between
    low, high = np.quantile(distances[1:] - distances[1:].mean(), [0.025, 0.975]) + distances[0]
    return SetScore(float(distances[0]), float(low), float(high))


def _halves(count: int, draw: np.random.Generator) -> Features:
    """Choices of images as columns of 0 and 1, (count, 1 + resamples): all of them, then random halves."""
    ranks = draw.random((count, _RESAMPLES)).argsort(axis=0)
    return np.hstack([np.ones((count, 1)), (ranks < count // 2).astype(np.float64)])


def _sums(
    first: Features, second: Features, chosen: Features, other_chosen: Features, *, skip_self: bool = False
) -> Features:
    """Sums of the kernel over the chosen rows of both sets, one for each column of choices."""
    total = np.zeros(chosen.shape[1])
    for start in range(0, len(first), _ROWS):
        rows = slice(start, start + _ROWS)
        products = first[rows].astype(np.float64) @ second.T.astype(np.float64)
        kernel = (products / first.shape[1] + 1) ** 3
        if skip_self:
            kernel[np.arange(len(kernel)), np.arange(start, start + len(kernel))] = 0
        total += (chosen[rows] * (kernel @ other_chosen)).sum(axis=0)
    return total


kid = SetMetric(
    title="KID",
    better="lower",
    unit="0 for equal distributions, unbiased: may be negative",
    variant="cubic kernel, all pairs, 95 % interval from random halves",
    source="Bińkowski et al., ICLR 2018; resizing of Parmar et al., CVPR 2022",
    open=CleanInception,
    measure=kernel_distance,
    takes_weights=True,
)
