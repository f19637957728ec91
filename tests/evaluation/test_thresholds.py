import math

import pytest

from s2f_cli.errors import MetricError
from s2f_cli.evaluation.scoring import Score
from s2f_cli.evaluation.thresholds import Threshold, missed


@pytest.mark.parametrize(
    ("side", "value", "is_missed"),
    [
        ("under", 0.5, False),
        ("under", 0.49, True),
        ("under", math.inf, False),
        ("under", math.nan, True),
        ("over", 0.5, False),
        ("over", 0.51, True),
        ("over", math.nan, True),
    ],
)
def test_the_bound_itself_passes_and_undefined_never_does(side, value, is_missed):
    assert Threshold("ssim", side, 0.5).missed_by(value) is is_missed


def test_reads_a_metric_and_a_number():
    assert Threshold.parse("MS-SSIM=0.5", "under") == Threshold("ms_ssim", "under", 0.5)


@pytest.mark.parametrize("text", ["", "ssim", "ssim=", "=0.5", "ssim=x", "ssim=nan"])
def test_refuses_another_form(text):
    with pytest.raises(MetricError, match="is not a threshold"):
        Threshold.parse(text, "under")


def test_names_what_is_missed():
    scores = {"ssim": Score(0.4, 10), "mse": Score(0.1, 10)}
    thresholds = [Threshold("ssim", "under", 0.5), Threshold("mse", "over", 0.2), Threshold("fid", "over", 1)]
    assert missed(scores, thresholds) == ["ssim is 0.4, under 0.5"]
