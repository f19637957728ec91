from s2f_cli.evaluation.rows import Row, arranged, best, cycle_rows, differences, mean_rows
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics

METRICS = find_metrics(["ssim", "mse"])


def _row(name, direction="d", kind="measured", recipe="", **values):
    per_image = {str(n): {m: v + n / 1000 for m, v in values.items()} for n in range(8)}
    scores = Scores({m: Score(v, 8) for m, v in values.items()}, per_image, {}, {}, {}, {})
    return Row(name, direction, "data", scores, provenance={"recipe": recipe} if recipe else {}, kind=kind)


def test_the_best_is_that_of_each_direction_and_of_what_was_measured():
    rows = [
        _row("a", ssim=0.5, mse=0.2),
        _row("b", ssim=0.4, mse=0.1),
        _row("c", kind="control", ssim=0.9, mse=0.0),
        _row("p", kind="printed", ssim=0.95),
        _row("d", "other", ssim=0.1, mse=0.9),
    ]
    assert best(rows, METRICS) == {(0, "ssim"), (1, "mse")}


def test_differences_are_to_the_first_of_the_direction():
    rows = [
        _row("a", ssim=0.5),
        _row("b", "other", ssim=0.1),
        _row("c", ssim=0.4),
        _row("e", kind="control", ssim=0.7),
    ]
    found = differences(rows)
    assert found[0] == found[1] == {}
    assert round(found[2]["ssim"].value, 6) == -0.1
    assert round(found[3]["ssim"].value, 6) == 0.2


def test_means_are_over_the_measured_rows_of_a_direction():
    rows = [_row("a", ssim=0.4, mse=1), _row("b", ssim=0.6), _row("c", kind="control", ssim=0)]
    (mean,) = mean_rows([*rows, _row("d", "other", ssim=1)])
    assert (mean.name, mean.direction) == ("mean ± sd of 2", "d") and set(mean.scores.metrics) == {"ssim"}
    score = mean.scores.metrics["ssim"]
    assert score.value == 0.5 and round(score.high - score.value, 6) == round(0.2 / 2**0.5, 6)


def test_seeds_are_averaged_recipe_by_recipe():
    rows = [_row("a", recipe="x", ssim=0.4), _row("b", recipe="y", ssim=0.9), _row("c", recipe="x", ssim=0.6)]
    (mean,) = mean_rows(rows)
    assert mean.name == "x, mean ± sd of 2" and mean.scores.metrics["ssim"].value == 0.5


def test_both_cycles_of_a_model_are_averaged_as_are_the_printed_ones():
    forth, back = "face → sketch → face", "sketch → face → sketch"
    rows = [_row("a", forth, ssim=0.4), _row("a", back, ssim=0.8), _row("b", forth, ssim=0.1)]
    rows += [_row("p", way, kind="printed", ssim=value) for way, value in ((forth, 83.0), (back, 82.0))]
    mean, printed = cycle_rows([*rows, _row("c", "face → sketch", ssim=1.0)])
    assert (mean.name, mean.kind, mean.direction) == ("a", "mean", "mean of both cycles")
    assert round(mean.scores.metrics["ssim"].value, 9) == 0.6
    assert (printed.name, printed.kind, printed.scores.metrics["ssim"].value) == ("p", "printed", 82.5)


def test_rows_are_arranged_by_direction_and_printed_once():
    rows = [
        _row("a", "x"),
        _row("p", "x", kind="printed"),
        _row("a", "y"),
        _row("b", "x"),
        _row("p", "x", kind="printed"),
        _row("m", "x", kind="mean"),
    ]
    assert arranged(rows) == [0, 3, 5, 1, 2]
