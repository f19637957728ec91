"""`s2f runs` as a person runs it."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def two(s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path) -> Path:
    """A folder `runs` with two runs that differ in one weight."""
    shutil.copytree(tiny_run, "runs/0001-tiny")
    options = ("--set", "weights.cycle=5", "--data", data, "--device", "cpu")
    assert s2f("train", tiny_recipe, *options).code == 0
    return here


def test_lists(two: Path, s2f) -> None:
    result = s2f("runs", "list", "--json")
    rows = json.loads(result.out)
    assert [(row["run"], row["recipe"], row["step"], row["seed"]) for row in rows] == [
        ("0001-tiny", "tiny", 6, 0),
        ("0002-tiny", "tiny", 6, 0),
    ]
    assert "generators/cycle" in rows[0]["last"]
    drawn = s2f("runs", "list").out
    assert "0002-tiny" in drawn and f"│ cycle {rows[0]['last']['generators/cycle']:.4g}" in drawn


def test_a_broken_run_is_named_and_the_others_are_listed(two: Path, s2f) -> None:
    Path("runs/0001-tiny/run.json").write_text("{")
    result = s2f("runs", "list")
    assert result.code == 1 and "0002-tiny" in result.out and "left out: runs/0001-tiny" in result.err


def test_no_runs_at_all(s2f, here: Path) -> None:
    result = s2f("runs", "list")
    assert result.code == 1 and "there are no runs in runs" in result.err and "s2f train" in result.err


def test_compares_what_differs(two: Path, s2f) -> None:
    lines = s2f("runs", "compare", "0001-tiny", "runs/0002-tiny").lines
    (weight,) = [line for line in lines if "weights.cycle" in line]
    assert "10.0" in weight and "5.0" in weight
    assert not any("seed" in line or "learning_rate" in line for line in lines)
    assert any("critics/real" in line for line in lines)


def test_plots_a_picture_and_a_page(two: Path, s2f) -> None:
    assert s2f("runs", "plot", "0001-tiny", "0002-tiny", "--only", "generators").out == "curves.png\n"
    with Image.open("curves.png") as picture:
        assert picture.size == (840, 240) and len(picture.convert("RGB").getcolors(840 * 240)) > 3
    assert s2f("runs", "plot", "0001-tiny", "0002-tiny", "-o", "curves.html").code == 0
    page = Path("curves.html").read_text()
    assert page.count("<figure>") == 4 and page.count("<polyline") == 8 and "0002-tiny" in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["0009-none"], "holds no log"),
        (["0001-tiny", "-o", "curves.gif"], "neither .png nor .html"),
        (["0001-tiny", "--only", "nothing"], "no curve with 'nothing'"),
    ],
)
def test_says_what_it_cannot_plot(arguments: list[str], told: str, two: Path, s2f) -> None:
    result = s2f("runs", "plot", *arguments)
    assert result.code == 1 and told in result.err.replace("has no log.jsonl", "holds no log")
