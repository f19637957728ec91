import numpy as np
import pytest

from s2f_cli.evaluation.comparing import difference, groups
from s2f_cli.evaluation.scoring import Scores


def _scores(values, attributes=None):
    per_image = {str(n): {"m": float(v)} for n, v in enumerate(values)}
    return Scores({}, per_image, {}, {}, {}, attributes or {})


def test_is_that_of_the_images_that_both_scored():
    first, row = _scores(range(10)), _scores(np.arange(8) + 0.5)
    gap = difference(row, first, "m")
    assert gap.value == 0.5 and gap.count == 8
    assert gap.significant and gap.low == gap.high == 0.5


def test_finds_chance_in_one_of_twenty():
    draw = np.random.default_rng(0)
    found = [
        difference(_scores(draw.normal(size=20)), _scores(draw.normal(size=20)), "m") for _ in range(200)
    ]
    assert 2 <= sum(gap.significant for gap in found) <= 19


def test_finds_a_small_steady_difference():
    draw = np.random.default_rng(0)
    base = draw.normal(size=30)
    assert difference(_scores(base + draw.normal(0.1, 0.1, size=30)), _scores(base), "m").p < 0.01


@pytest.mark.parametrize("values", [range(5), [np.inf] * 10, [np.nan] * 10])
def test_there_is_none_for_too_few_or_infinite_scores(values):
    assert difference(_scores(values), _scores(values), "m") is None


def test_groups_average_by_the_value_of_an_attribute():
    attributes = {"0": {"sex": "female"}, "1": {"sex": "male"}, "2": {"sex": "female"}}
    found = groups(_scores([1, 2, 3, 4, np.nan], attributes), "sex")
    assert {value: scores["m"].value for value, scores in found.items()} == {
        "female": 2,
        "male": 2,
        "unknown": 4,
    }
    assert found["female"]["m"].count == 2
