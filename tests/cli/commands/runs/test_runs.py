"""`s2f runs`, run like a user does."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from s2f_cli.cli.commands.runs import output


@pytest.fixture
def two_runs(s2f, here: Path, data: Path, tiny_recipe: Path, tiny_run: Path) -> Path:
    """A folder `runs` with two runs that differ in one weight."""
    shutil.copytree(tiny_run, "runs/0001-tiny")
    options = ("--set", "weights.cycle=5", "--data", data, "--device", "cpu")
    assert s2f("train", tiny_recipe, *options).code == 0
    return here


def test_lists_runs_with_their_last_values(two_runs: Path, s2f) -> None:
    result = s2f("runs", "list", "--json")
    rows = json.loads(result.out)
    assert [(row["run"], row["recipe"], row["step"], row["seed"]) for row in rows] == [
        ("0001-tiny", "tiny", 6, 0),
        ("0002-tiny", "tiny", 6, 0),
    ]
    assert "generators/cycle" in rows[0]["last"]
    assert (rows[0]["steps"], rows[0]["state"]) == (6, "finished")
    lines = s2f("runs", "list").lines
    assert len(lines) == 3 and all(len(line) <= 80 for line in lines)
    assert [line.split()[0] for line in lines] == ["run", "0001-tiny", "0002-tiny"]
    assert all("finished  6/6" in line for line in lines[1:])


@pytest.mark.parametrize(
    ("key", "lines"),
    [
        ("weights.cycle", ["weights.cycle"]),
        ("players.generators.learning_rate", ["players.generators.", "learning_rate"]),
        ("networks.to_sketch.bottleneck_groups", ["networks.to_sketch.", "bottleneck_groups"]),
        ("test/ssim:sketch", ["test/ssim:sketch"]),
    ],
)
def test_keys_are_broken_after_a_dot(key: str, lines: list[str]) -> None:
    assert output._folded(key, 20).split("\n") == lines


def test_runs_of_a_sweep_are_grouped(two_runs: Path, s2f) -> None:
    Path("runs/sweep-tiny").mkdir()
    for number in (1, 2):
        Path(f"runs/000{number}-tiny").rename(f"runs/sweep-tiny/seed={number}")
    assert [line.split("  ")[0] or line.split()[0] for line in s2f("runs", "list").lines] == [
        "run",
        "sweep-tiny (2)",
        "seed=1",
        "seed=2",
    ]


def test_the_best_run_is_printed(two_runs: Path, s2f, data: Path, tiny_recipe: Path) -> None:
    result = s2f("runs", "best")
    assert result.code == 1 and "no run has a score" in result.err and "--best-by" in result.err
    assert s2f("train", tiny_recipe, "--data", data, "--device", "cpu", "--best-by", "ssim:face").code == 0
    best = s2f("runs", "best")
    assert best.out == "runs/0003-tiny/best.safetensors\n"
    assert "test/ssim:face" in best.err and "2 without this score" in best.err
    (row,) = (line for line in s2f("runs", "list").lines if "0003" in line)
    assert row.endswith("ssim:face")
    assert "did you mean 'test/ssim:face'?" in s2f("runs", "best", "--by", "ssmi:face").err


def test_deletes_runs_after_a_question(two_runs: Path, s2f) -> None:
    asked = s2f("runs", "remove", "0001-tiny")
    assert asked.code == 1 and Path("runs/0001-tiny").exists()
    assert s2f("runs", "remove", "0001-tiny", "--yes").out == "runs/0001-tiny\n"
    assert sorted(path.name for path in Path("runs").glob("*-tiny")) == ["0002-tiny"]
    misnamed = s2f("runs", "remove", "0002-tyni", "--yes")
    assert misnamed.code == 1 and "did you mean '0002-tiny'?" in misnamed.err


def test_a_broken_run_is_named_and_the_others_are_listed(two_runs: Path, s2f) -> None:
    Path("runs/0001-tiny/run.json").write_text("{")
    result = s2f("runs", "list")
    assert result.code == 1 and "0002-tiny" in result.out and "left out: runs/0001-tiny" in result.err


def test_a_folder_without_runs_is_an_error(s2f, here: Path) -> None:
    result = s2f("runs", "list")
    assert result.code == 1 and "there are no runs in runs" in result.err and "s2f train" in result.err


def test_compares_settings_that_differ(two_runs: Path, s2f) -> None:
    lines = s2f("runs", "compare", "0001-tiny", "runs/0002-tiny").lines
    (weight,) = [line for line in lines if "weights.cycle" in line]
    assert "10.0" in weight and "5.0" in weight
    assert not any("seed" in line or "learning_rate" in line for line in lines)
    assert any("critics/real" in line for line in lines)


def test_plots_svg_and_html_files(two_runs: Path, s2f) -> None:
    assert s2f("runs", "plot", "0001-tiny", "0002-tiny", "--only", "generators").out == "curves.svg\n"
    root = ElementTree.parse("curves.svg").getroot()
    assert len(root.findall(".//{*}polyline")) == 4
    assert {"generators/cycle", "0001-tiny", "0002-tiny"} <= {text.text for text in root.iter() if text.text}
    assert s2f("runs", "plot", "0001-tiny", "0002-tiny", "-o", "curves.html").code == 0
    page = Path("curves.html").read_text()
    assert page.count("<figure>") == 4 and page.count("<polyline") == 8 and "0002-tiny" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0009-none"], "there is no run '0009-none'"),
        (["0001-tiny", "-o", "curves.png"], "the format must be .svg or .html"),
        (["0001-tiny", "-o", "curves.gif"], "the format must be .svg or .html"),
        (["0001-tiny", "--only", "nothing"], "no curve with 'nothing'"),
    ],
)
def test_impossible_plots_are_errors(arguments: list[str], message: str, two_runs: Path, s2f) -> None:
    result = s2f("runs", "plot", *arguments)
    assert result.code == 1 and message in result.err
