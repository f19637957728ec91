import numpy as np
import pytest
import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics import kid as kid_module
from s2f_cli.evaluation.metrics.kid import kernel_distance


def _by_loops(first, second):
    def kernel(a, b):
        return (a @ b / len(a) + 1) ** 3

    n, m = len(first), len(second)
    within = sum(kernel(first[i], first[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    other = sum(kernel(second[i], second[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    between = sum(kernel(a, b) for a in first for b in second) / (n * m)
    return within + other - 2 * between


@pytest.mark.parametrize("rows", [1000, 3])
def test_equals_its_definition(monkeypatch, rows):
    monkeypatch.setattr(kid_module, "_ROWS", rows)
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(11, 5)), draw.normal(0.3, size=(8, 5))
    assert kernel_distance(first, second).value == pytest.approx(_by_loops(first, second), rel=1e-10)


def test_equals_piq():
    piq = pytest.importorskip("piq")
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=(40, 16)), draw.normal(0.3, size=(40, 16))
    expected = piq.KID(average=False)(torch.tensor(first), torch.tensor(second)).item()
    assert kernel_distance(first, second).value == pytest.approx(expected, rel=1e-6)


def test_samples_of_one_distribution_score_zero_on_average():
    draw = np.random.default_rng(0)
    values, covered = [], 0
    for _ in range(100):
        score = kernel_distance(draw.normal(size=(60, 8)), draw.normal(size=(60, 8)))
        values.append(score.value)
        covered += score.low <= 0 <= score.high
    assert abs(np.mean(values)) < 3 * np.std(values) / 10
    assert covered >= 90


def test_the_interval_covers_the_true_distance():
    draw = np.random.default_rng(1)
    truth = kernel_distance(draw.normal(size=(3000, 4)), draw.normal(0.5, size=(3000, 4))).value
    covered = 0
    for _ in range(100):
        score = kernel_distance(draw.normal(size=(80, 4)), draw.normal(0.5, size=(80, 4)))
        covered += score.low <= truth <= score.high
    assert 88 <= covered <= 100


def test_too_few_images_are_refused():
    with pytest.raises(MetricError, match="at least 4 images"):
        kernel_distance(np.ones((3, 4)), np.ones((9, 4)))
