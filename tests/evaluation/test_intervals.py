import numpy as np
import pytest

from s2f_cli.evaluation.intervals import bootstrap


def test_covers_the_true_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        low, high = bootstrap(generator.normal(5, 2, size=60))
        covered += low <= 5 <= high
    assert 180 <= covered <= 198


def test_is_nearly_that_of_the_normal_distribution_for_many_values():
    values = np.random.default_rng(1).normal(size=2000)
    low, high = bootstrap(values)
    error = values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.005
    )


def test_is_the_same_each_time():
    values = np.arange(10.0)
    assert bootstrap(values) == bootstrap(values)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.inf]])
def test_there_is_none_for_too_few_or_infinite_values(values):
    assert bootstrap(np.array(values)) is None
