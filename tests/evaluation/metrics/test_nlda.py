import numpy as np
import pytest
import scipy.linalg

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics.nlda import _discriminants, nlda, recognition_rates


def _sketches(people=20, pixels=60, noise=0.5, seed=0):
    draw = np.random.default_rng(seed)
    true = draw.normal(size=(people, pixels))
    return true + noise * draw.normal(size=true.shape), true


def test_the_discriminants_equal_those_of_the_scatter_matrices():
    """As in the papers' MATLAB code: PCA to full rank, null space of Sw, eigenvectors of Sb within it."""
    generated, reference = _sketches()
    images = np.vstack([reference, generated])
    people = np.tile(np.arange(20), 2)
    centred = images - images.mean(axis=0)
    space = scipy.linalg.orth(centred.T)
    inside = centred @ space
    means = np.array([inside[people == p].mean(axis=0) for p in range(20)])
    within = sum(np.outer(x - means[p], x - means[p]) for x, p in zip(inside, people, strict=True))
    between = 2 * means.T @ means
    null = scipy.linalg.null_space(within, rcond=1e-10)
    _, vectors = np.linalg.eigh(null.T @ between @ null)
    expected = (space @ null @ vectors[:, ::-1])[:, :19]
    basis = _discriminants(generated, reference)
    assert basis.shape == (60, 19)
    np.testing.assert_allclose(np.abs(np.sum(basis * expected, axis=0)), 1, atol=1e-8)


def test_equal_images_are_always_recognised():
    _, true = _sketches()
    rates = recognition_rates(true + 1e-9 * np.random.default_rng(1).normal(size=true.shape), true)
    assert rates.shape == (20, round(20 * 150 / 338) - 1)
    assert rates[:, -1].min() == 1


def test_unrelated_images_are_recognised_by_chance():
    first, _ = _sketches(people=60, seed=1)
    second, _ = _sketches(people=60, seed=2)
    assert recognition_rates(first, second)[:, -1].mean() < 0.12


def test_noisier_images_are_recognised_less_often():
    scores = [nlda.measure(*_sketches(40, 80, noise)).value for noise in (0.2, 1.0, 3.0)]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


def test_few_people_are_refused():
    with pytest.raises(MetricError, match="at least 8 people, not 5"):
        recognition_rates(*_sketches(people=5))
