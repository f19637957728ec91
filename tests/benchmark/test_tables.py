"""The tables of a benchmark: what is bold, what counts as equal, what stands in rows without scores."""

from pathlib import Path

import numpy as np

from s2f_cli.benchmark.measured import Measured, Training
from s2f_cli.benchmark.plan import DataSet, Row, System
from s2f_cli.benchmark.samples import Samples
from s2f_cli.benchmark.tables import Cell, Gaps, cost_tables, score_tables
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.scoring import Score, Scores, mean_score
from s2f_cli.training.cost import Spent

DATA = DataSet("cuhk", Path("cuhk"), "cuhk-88-100", ("ssim", "mse"), "0")
WAY = "face → sketch"


def row(name: str) -> Row:
    return Row(System(name, "recipe", name), DATA, 0, name)


def result(name: str, seed: int, better: float) -> EvaluationResult:
    """Scores of 20 images around 0.5, moved by `better`."""
    values = 0.5 + better + 0.01 * np.random.default_rng(seed).normal(size=20)
    images = {str(n): {"ssim": float(v), "mse": float(1 - v)} for n, v in enumerate(values)}
    means = {metric: mean_score(one[metric] for one in images.values()) for metric in ("ssim", "mse")}
    scores = Scores({metric: mean for metric, mean in means.items() if mean}, images)
    return EvaluationResult(name, WAY, "cuhk test", scores, provenance={"recipe": name})


def printed(value: float) -> EvaluationResult:
    scores = Scores({"ssim": Score(value, 0)})
    return EvaluationResult("printed: a", WAY, "as printed", scores, kind="printed")


def test_the_best_is_bold_equals_are_marked_and_all_rows_are_there() -> None:
    rows = [
        Measured(row("worse"), "scored", scored=[result("worse", 1, -0.1)], printed=[printed(0.9)]),
        Measured(row("best"), "scored", scored=[result("best", 2, 0.001)], printed=[printed(0.9)]),
        Measured(row("wild"), "diverged", "step 3: the loss is not a finite number"),
        Measured(row("equal"), "scored", scored=[result("equal", 3, 0.0)]),
        Measured(row("late"), "waiting", "not done yet"),
        Measured(row("later"), "waiting", "not done yet"),
    ]
    (table,) = score_tables(rows, Gaps())
    assert table.title == "cuhk, face → sketch" and table.columns == ["", "SSIM ↑", "MSE ↓"]
    names, ssim, mse = zip(*table.rows, strict=True)
    assert [cell.text for cell in names] == ["worse", "best", "equal", "wild", "printed: a"]
    assert [cell.best for cell in ssim] == [cell.best for cell in mse] == [False, True, False, False, False]
    assert [cell.text.endswith("≈") for cell in ssim] == [False, False, True, False, False]
    assert ssim[3] == Cell("diverged") and mse[3] == Cell("–") and ssim[4] == Cell("0.9000")
    assert table.kinds == ["measured", "measured", "measured", "diverged", "printed"]
    assert "wild: step 3: the loss is not a finite number" in table.legend
    assert "not done yet: late, later" in table.legend


def test_costs_are_those_of_training_and_of_translating() -> None:
    samples = Samples({WAY: {}}, {WAY: 0.025}, {WAY: 5_220_000})
    training = Training(3_000, "bf16", Spent(600, 12_000, 2**31))
    rows = [
        Measured(row("a"), "scored", "", [result("a", 1, 0)], (), training, samples),
        Measured(row("slow"), "scored", training=Training(9, "fp32", Spent(4.234, 3, 0))),
        Measured(row("b"), "failed", "no memory"),
        Measured(row("c"), "waiting", "not done yet"),
    ]
    (table,) = cost_tables(rows)
    assert table.columns[-2:] == ["ms → sketch", "M → sketch"]
    texts = [[cell.text for cell in cells] for cells in table.rows]
    assert texts == [
        ["a", "3,000", "12,000", "10.0", "50", "bf16", "2.00", "25", "5.22"],
        ["slow", "9", "3", "0.1", "1,410", "fp32", "–", "–", "–"],
        ["b", *["–"] * 8],
    ]
