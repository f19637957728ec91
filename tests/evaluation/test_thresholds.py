import math
from dataclasses import replace

import pytest

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.results_json import as_json
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics
from s2f_cli.evaluation.thresholds import QualityGate, Threshold, missed, read_baseline, regressions


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
def test_the_bound_itself_passes_and_nan_never_does(side, value, is_missed):
    assert Threshold("ssim", side, 0.5).missed_by(value) is is_missed


def test_a_threshold_is_a_metric_and_a_number():
    assert Threshold.parse("MS-SSIM=0.5", "under") == Threshold("ms_ssim", "under", 0.5)


@pytest.mark.parametrize("text", ["", "ssim", "ssim=", "=0.5", "ssim=x", "ssim=nan", "ssim=inf"])
def test_malformed_thresholds_are_refused(text):
    with pytest.raises(MetricError, match="is not a threshold"):
        Threshold.parse(text, "under")


def _result(name="m", kind="measured", direction="face → sketch", **values):
    scores = Scores(
        {metric: Score(value, 10) for metric, value in values.items()},
        {},
        {},
        dict.fromkeys(values, "v"),
        {},
        {},
    )
    return EvaluationResult(name, direction, "data", scores, kind=kind)


def test_missed_thresholds_are_explained():
    thresholds = [Threshold("ssim", "under", 0.5), Threshold("mse", "over", 0.2), Threshold("fid", "over", 1)]
    assert missed(_result(ssim=0.4, mse=0.1), thresholds) == {"ssim": "ssim is 0.4, under 0.5"}
    assert missed(_result(kind="control", ssim=0.4), thresholds) == {}


def test_the_gate_of_pyproject_is_read(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        """
        [tool.s2f.evaluate]
        metric = ["ssim", "mse"]
        fail-under = {ssim = 0.5}
        fail-over = {mse = 0.1, ms-ssim = 1}
        baseline = "b.json"
        tolerance = 0.05
        """
    )
    gate = QualityGate.read(tmp_path)
    assert gate.metrics == ("ssim", "mse") and gate.tolerance == 0.05 and gate.baseline == tmp_path / "b.json"
    assert gate.thresholds == (
        Threshold("ssim", "under", 0.5),
        Threshold("mse", "over", 0.1),
        Threshold("ms_ssim", "over", 1),
    )


def test_without_a_table_the_gate_is_empty(tmp_path):
    assert QualityGate.read(tmp_path) == QualityGate()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert QualityGate.read(tmp_path) == QualityGate()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.s2f.evaluate]\nfail-below = {ssim = 1}", "no key 'fail-below'"),
        ("[tool.s2f.evaluate]\nfail-under = {ssim = 'x'}", "is not a threshold"),
        ("[tool.s2f.evaluate]\nfail-under = 3", "is broken"),
        ("[tool.s2f.evaluate]\ntolerance = true", "is broken"),
        ("[tool.s2f.evaluate]\ntolerance = nan", "is not a share"),
        ("[tool.s2f.evaluate]\nfail-over = {mse = inf}", "is not a threshold"),
        ("[tool.s2f", "is broken"),
    ],
)
def test_a_broken_gate_names_the_file(tmp_path, text, message):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(MetricError, match=message):
        QualityGate.read(tmp_path)


METRICS = find_metrics(["ssim", "mse"])


@pytest.mark.parametrize(
    ("data", "images", "message"),
    [
        ("demo test, 3 pairs, 0123456789ab", "abc", ""),
        ("demo test, 3 pairs, ffff56789abc", "abc", "demo test, 3 pairs, ffff56789abc, not demo test"),
        ("other/folder", "abc", ""),
        ("other/folder", "abd", "2 are only in one of them, such as c"),
        ("", "", ""),
    ],
)
def test_a_baseline_of_other_images_is_refused(data, images, message):
    result = _result(ssim=0.5)
    per_image = {name: {"ssim": 0.5} for name in "abc"}
    scored = replace(result, data="demo test, 3 pairs, 0123456789ab")
    scored = replace(scored, scores=replace(result.scores, per_image=per_image))
    baseline = _baseline(scored)
    baseline["results"][0] |= {"data": data, "per_image": dict.fromkeys(images)}
    if not message:
        assert regressions(scored, METRICS, baseline, 0.01) == {}
        return
    with pytest.raises(MetricError, match="other images than m face → sketch: " + message):
        regressions(scored, METRICS, baseline, 0.01)


def _baseline(*rows):
    return as_json(rows, METRICS)


@pytest.mark.parametrize(
    ("now", "worse"),
    [
        ({"ssim": 0.5, "mse": 0.1}, set()),
        ({"ssim": 0.496, "mse": 0.1009}, set()),
        ({"ssim": 0.49, "mse": 0.1}, {"ssim"}),
        ({"ssim": 0.9, "mse": 0.2}, {"mse"}),
    ],
)
def test_worse_by_more_than_the_tolerance_is_a_regression(now, worse):
    baseline = _baseline(_result(ssim=0.5, mse=0.1))
    baseline["metrics"] = {name: {"variant": "v"} for name in ("ssim", "mse")}
    assert set(regressions(_result("other run", **now), METRICS, baseline, 0.01)) == worse


def test_a_result_is_compared_with_its_own_name_or_the_only_one_of_its_direction():
    baseline = _baseline(_result("a", ssim=0.9), _result("b", ssim=0.1))
    baseline["metrics"]["ssim"]["variant"] = "v"
    assert not regressions(_result("b", ssim=0.5), METRICS, baseline, 0.01)
    assert regressions(_result("a", ssim=0.5), METRICS, baseline, 0.01)
    for missing in (_result("new", ssim=1.0), _result("a", direction="sketch → face", ssim=1.0)):
        assert "no row" in regressions(missing, METRICS, baseline, 0.01)["ssim"]
    assert not regressions(_result("new", kind="control", ssim=0.0), METRICS, baseline, 0.01)


@pytest.mark.parametrize(
    ("old", "now", "passes"),
    [
        ("inf", 30.0, False),
        ("inf", math.inf, True),
        (30.0, math.inf, True),
        (30.0, math.nan, False),
        (None, 0.9, False),
        ("none", 0.9, False),
        ("nan", 0.9, False),
        (0.0, 0.0, True),
    ],
)
def test_only_finite_numbers_are_compared_and_anything_else_fails(old, now, passes):
    baseline = _baseline(_result(ssim=0.5))
    baseline["metrics"]["ssim"]["variant"] = "v"
    baseline["results"][0]["scores"]["ssim"]["value"] = old
    assert (not regressions(_result(ssim=now), METRICS, baseline, 0.01)) is passes


def test_a_metric_that_the_baseline_lacks_fails():
    explanation = regressions(_result(mse=0.1), METRICS, _baseline(_result(ssim=0.5)), 0.01)["mse"]
    assert "no such score" in explanation


@pytest.mark.parametrize("tolerance", [math.nan, math.inf, -0.1, 1.0])
def test_a_tolerance_is_a_share(tolerance):
    with pytest.raises(MetricError, match="is not a share"):
        QualityGate(tolerance=tolerance)


def test_another_variant_in_the_baseline_is_an_error():
    baseline = _baseline(_result(ssim=0.5))
    baseline["metrics"]["ssim"]["variant"] = "another"
    with pytest.raises(MetricError, match="another variant of ssim"):
        regressions(_result(ssim=0.5), METRICS, baseline, 0.01)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{}",
        "[1]",
        "[" * 3000,
        '{"results": 3}',
        '{"results": [3]}',
        '{"results": [{"name": "a", "direction": "", "per_image": 3, "scores": {}}]}',
        '{"results": [{"name": "a", "direction": "", "scores": {"ssim": {"value": 1}}}]}',
        '{"metrics": {"ssim": {"variant": "v"}}, "results": [{"name": "a", "scores": {}}]}',
    ],
)
def test_a_missing_or_broken_baseline_says_how_to_write_one(tmp_path, content):
    file = tmp_path / "b.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(MetricError) as caught:
        read_baseline(file)
    assert f"s2f evaluate --json > {file}" in caught.value.hint
