import numpy as np
import pytest
import scipy.stats

from s2f_cli.evaluation.comparing import difference, groups, sign_flip_test
from s2f_cli.evaluation.scoring import Scores


def _scores(values, attributes=None):
    per_image = {str(n): {"m": float(v)} for n, v in enumerate(values)}
    return Scores({}, per_image, {}, {}, {}, attributes or {})


def test_the_difference_covers_images_with_both_scores():
    first, row = _scores(range(10)), _scores(np.arange(8) + 0.5)
    gap = difference(row, first, "m")
    assert gap.value == 0.5 and gap.count == 8
    assert gap.significant and gap.low == gap.high == 0.5


def test_random_differences_are_significant_in_about_one_of_twenty_cases():
    draw = np.random.default_rng(0)
    differences = [
        difference(_scores(draw.normal(size=20)), _scores(draw.normal(size=20)), "m") for _ in range(200)
    ]
    assert 2 <= sum(gap.significant for gap in differences) <= 19


def test_a_small_steady_difference_is_significant():
    draw = np.random.default_rng(0)
    base = draw.normal(size=30)
    assert difference(_scores(base + draw.normal(0.1, 0.1, size=30)), _scores(base), "m").p < 0.01


@pytest.mark.parametrize("values", [range(5), [np.inf] * 10, [np.nan] * 10])
def test_too_few_or_infinite_scores_have_no_difference(values):
    assert difference(_scores(values), _scores(values), "m") is None


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.8])
def test_the_p_value_is_near_that_of_scipy(shift):
    gaps = np.random.default_rng(3).normal(shift, size=40)
    expected = scipy.stats.permutation_test(
        (gaps,), np.sum, permutation_type="samples", n_resamples=20_000, random_state=np.random.default_rng(0)
    )
    assert sign_flip_test(gaps) == pytest.approx(expected.pvalue, abs=0.02)


def test_the_p_value_of_few_pairs_is_near_the_exact_one_of_scipy():
    gaps = np.array([0.3, 0.1, 0.4, -0.1, 0.5, 0.9, 0.2])
    expected = scipy.stats.permutation_test((gaps,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_test(gaps) == pytest.approx(expected.pvalue, abs=0.01)


def test_groups_average_by_the_value_of_an_attribute():
    attributes = {"0": {"sex": "female"}, "1": {"sex": "male"}, "2": {"sex": "female"}}
    by_group = groups(_scores([1, 2, 3, 4, np.nan], attributes), "sex")
    assert {value: scores["m"].value for value, scores in by_group.items()} == {
        "female": 2,
        "male": 2,
        "unknown": 4,
    }
    assert by_group["female"]["m"].count == 2
