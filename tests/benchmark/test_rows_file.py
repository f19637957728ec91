"""Rows that travel: what a file keeps of them, and which rows are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2f_cli.benchmark import measured, rows_file
from s2f_cli.benchmark.measured import Measured, Training
from s2f_cli.benchmark.plan import DataSet, Plan, Row, System
from s2f_cli.benchmark.samples import Samples
from s2f_cli.core.errors import RunError
from s2f_cli.evaluation import results_json
from s2f_cli.evaluation.results import EvaluationResult
from s2f_cli.evaluation.scoring import Score, Scores, find_metrics
from s2f_cli.training.cost import Spent

DATA = DataSet("cuhk", Path("cuhk"), "cuhk-88-100", ("psnr",), "1234")
WAY = "face → sketch"
PLAN = Plan(Path("bench"), (), "20 m")


def scored(values: list[float]) -> Measured:
    """A row whose images have these scores."""
    images = {str(number): {"psnr": value} for number, value in enumerate(values)}
    scores = Scores({"psnr": Score(20.0, len(values), 19.0, 21.0)}, images)
    result = EvaluationResult("a", WAY, "cuhk test", scores, provenance={"recipe": "a"})
    document = results_json.as_json([result], find_metrics(["psnr"]))
    row = Row(System("a", "recipe", "a"), DATA, 0, "a-cuhk-20m-seed=0")
    known = Measured(
        row,
        "waiting",
        training=Training(7, "bf16", Spent(60, 14, 2**30)),
        samples=Samples({WAY: {"0": "…"}}, {WAY: 0.5}, {WAY: 9}),
        recipe="0f",
        machine="1 core",
        commands=("s2f train a", "s2f evaluate a"),
    )
    return measured.with_results(known, document)


def written(known: Measured, tmp_path: Path) -> Path:
    file = tmp_path / rows_file.FILE
    file.write_bytes(rows_file.as_bytes([known], PLAN))
    return file


@given(values=st.lists(st.floats(-1e6, 1e6) | st.just(float("inf")), min_size=1, max_size=5))
def test_a_row_comes_back_with_six_digits_and_without_images(values, tmp_path_factory) -> None:
    known = scored(values)
    file = written(known, tmp_path_factory.mktemp("rows"))
    (back,) = rows_file.join(PLAN, [DATA], [file]).added.values()
    images = [one["psnr"] for one in back.scored[0].scores.per_image.values()]
    assert images == [float(f"{value:.6g}") for value in values]
    assert back.scored[0].scores.by_metric == known.scored[0].scores.by_metric
    assert back.samples == Samples({}, {WAY: 0.5}, {WAY: 9})
    same = ("state", "reason", "training", "recipe", "machine", "commands", "name")
    assert [getattr(back, name) for name in same] == [getattr(known, name) for name in same]
    assert rows_file.as_bytes([back], PLAN) == file.read_bytes()


def test_rows_under_another_protocol_are_refused(tmp_path: Path) -> None:
    file = written(scored([20.0]), tmp_path)
    with pytest.raises(RunError, match="a was scored under cuhk-88-100, not under none"):
        rows_file.join(PLAN, [replace(DATA, protocol=None)], [file])


def test_directions_that_the_plan_leaves_out_are_left_out(tmp_path: Path) -> None:
    file = written(scored([20.0]), tmp_path)
    (known,) = rows_file.join(replace(PLAN, to="face"), [DATA], [file]).added.values()
    assert known.scored == []
