import json
import math

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation import results_json
from s2f_cli.evaluation.results import (
    EvaluationResult,
    arranged,
    best,
    cycle_results,
    differences,
    mean_results,
)
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics

METRICS = find_metrics(["ssim", "mse"])


def _result(name, direction="d", kind="measured", recipe="", **values):
    per_image = {str(n): {m: v + n / 1000 for m, v in values.items()} for n in range(8)}
    scores = Scores({m: Score(v, 8) for m, v in values.items()}, per_image, {}, {}, {}, {})
    return EvaluationResult(
        name, direction, "data", scores, provenance={"recipe": recipe} if recipe else {}, kind=kind
    )


def test_the_best_is_chosen_from_measured_results_of_each_direction():
    results = [
        _result("a", ssim=0.5, mse=0.2),
        _result("b", ssim=0.4, mse=0.1),
        _result("c", kind="control", ssim=0.9, mse=0.0),
        _result("p", kind="printed", ssim=0.95),
        _result("d", "other", ssim=0.1, mse=0.9),
    ]
    assert best(results, METRICS) == {(0, "ssim"), (1, "mse")}


def test_differences_are_to_the_first_of_the_direction():
    results = [
        _result("a", ssim=0.5),
        _result("b", "other", ssim=0.1),
        _result("c", ssim=0.4),
        _result("e", kind="control", ssim=0.7),
    ]
    gaps = differences(results)
    assert gaps[0] == gaps[1] == {}
    assert round(gaps[2]["ssim"].value, 6) == -0.1
    assert round(gaps[3]["ssim"].value, 6) == 0.2


def test_means_are_over_the_measured_results_of_a_direction():
    results = [_result("a", ssim=0.4, mse=1), _result("b", ssim=0.6), _result("c", kind="control", ssim=0)]
    (mean,) = mean_results([*results, _result("d", "other", ssim=1)])
    assert (mean.name, mean.direction) == ("mean ± sd of 2", "d") and set(mean.scores.by_metric) == {"ssim"}
    score = mean.scores.by_metric["ssim"]
    assert score.value == 0.5 and round(score.high - score.value, 6) == round(0.2 / 2**0.5, 6)


def test_seeds_are_averaged_by_recipe():
    results = [
        _result("a", recipe="x", ssim=0.4),
        _result("b", recipe="y", ssim=0.9),
        _result("c", recipe="x", ssim=0.6),
    ]
    (mean,) = mean_results(results)
    assert mean.name == "x, mean ± sd of 2" and mean.scores.by_metric["ssim"].value == 0.5


def test_both_cycles_of_a_model_are_averaged_as_are_the_printed_ones():
    forth, back = "face → sketch → face", "sketch → face → sketch"
    results = [_result("a", forth, ssim=0.4), _result("a", back, ssim=0.8), _result("b", forth, ssim=0.1)]
    results += [_result("p", way, kind="printed", ssim=value) for way, value in ((forth, 83.0), (back, 82.0))]
    mean, printed = cycle_results([*results, _result("c", "face → sketch", ssim=1.0)])
    assert (mean.name, mean.kind, mean.direction) == ("a", "mean", "mean of both cycles")
    assert round(mean.scores.by_metric["ssim"].value, 9) == 0.6
    assert (printed.name, printed.kind, printed.scores.by_metric["ssim"].value) == ("p", "printed", 82.5)


def test_results_are_arranged_by_direction_and_printed_once():
    results = [
        _result("a", "x"),
        _result("p", "x", kind="printed"),
        _result("a", "y"),
        _result("b", "x"),
        _result("p", "x", kind="printed"),
        _result("m", "x", kind="mean"),
    ]
    assert arranged(results) == [results[number] for number in (0, 3, 5, 1, 2)]


def test_results_are_read_from_their_json() -> None:
    scores = Scores(
        {"mse": Score(0.25, 2, 0.2, 0.3), "psnr": Score(math.inf, 2)},
        {"anna": {"mse": 0.2, "psnr": math.nan}, "bo": {"mse": 0.3, "psnr": math.inf}},
        {"fid": MetricError("no weights")},
        undefined={"psnr": ["anna"]},
        infinite={"psnr": ["bo"]},
    )
    result = EvaluationResult("model", "face → sketch", "tiny", scores, {"c": "no face"}, {"recipe": "r"})
    metrics = find_metrics(["mse", "psnr", "fid"])
    document = json.loads(json.dumps(results_json.as_json([result], metrics)))
    (read,) = results_json.from_json(document)
    assert read.scores.by_metric == scores.by_metric and read.scores.undefined == scores.undefined
    assert read.scores.per_image["bo"] == scores.per_image["bo"]
    assert math.isnan(read.scores.per_image["anna"]["psnr"])
    assert read.scores.failed["fid"].message == "no weights"
    assert results_json.as_json([read], metrics) == document
