import numpy as np
import pytest
import scipy.stats

from s2f_cli.evaluation.intervals import bootstrap


def test_covers_the_true_mean_in_about_95_of_100_cases():
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        low, high = bootstrap(generator.normal(5, 2, size=60))
        covered += low <= 5 <= high
    assert 180 <= covered <= 198


def test_is_close_to_the_normal_interval_for_many_values():
    values = np.random.default_rng(1).normal(size=2000)
    low, high = bootstrap(values)
    error = values.std() / np.sqrt(len(values))
    assert (low, high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.005
    )


def test_equal_values_have_equal_intervals():
    values = np.arange(10.0)
    assert bootstrap(values) == bootstrap(values)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.inf]])
def test_too_few_or_infinite_values_have_no_interval(values):
    assert bootstrap(np.array(values)) is None


@pytest.mark.parametrize("count", [2, 7, 100])
def test_equals_scipy_with_the_same_random_numbers(count):
    values = np.random.default_rng(count).normal(size=count)
    expected = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=4_000, method="percentile", random_state=np.random.default_rng(20)
    )
    assert bootstrap(values) == pytest.approx(tuple(expected.confidence_interval), rel=1e-12)
