"""Commands with `--engine ray`, on a local cluster of two workers; skipped if Ray is not installed."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from s2f_cli.data.drawn_faces import draw, looks


def files(folder: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def benchmarked(folder: str) -> tuple[str, list[bytes]]:
    """The score of a benchmark of one row, and the model that it trained."""
    (row,) = csv.DictReader(Path(folder, "table.csv").read_text().splitlines())
    return row["mse"], [file.read_bytes() for file in Path(folder).rglob("model.safetensors")]


def test_translate_gives_the_files_and_the_output_of_one_process(
    ray: Any, s2f, here: Path, tiny_run: Path, drawing
) -> None:
    Path("inbox").mkdir()
    for number in range(6):
        drawing(number, 16, 16).convert("L").save(f"inbox/{number}.png")
    Path("inbox/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    command = ["translate", "--model", tiny_run, "--device", "cpu", "--to", "face", "inbox", "-o"]
    one = s2f(*command, "out")
    Path("out").rename("one")
    two = s2f(*command, "out", "--engine", "ray")
    assert two.lines == one.lines and two.left_out == one.left_out and two.code == one.code == 1
    assert files("out") == files("one") and len(files("one")) == 6
    again = s2f(*command, "out", "--engine", "ray", "--json")
    records = [json.loads(line) for line in again.lines]
    assert len(records) == 7 and sum("skipped" in record for record in records) == 6
    assert "existing results skipped: 6" in again.err


def test_evaluate_gives_the_scores_of_one_process(ray: Any, s2f, here: Path, make_data) -> None:
    make_data(here / "data", size=32, test=(5, 5))
    command = [
        "evaluate",
        "--generated",
        "data/test/face",
        "--reference",
        "data/test/sketch",
        "-m",
        "ssim,fd_hog",
    ]
    one, two = s2f(*command, "--json"), s2f(*command, "--json", "--engine", "ray")
    assert two.out == one.out and two.code == one.code == 0
    assert sorted(path.name for path in here.iterdir()) == ["data"]
    kept = s2f(*command, "--json", "--engine", "ray", "--parts", "parts")
    assert kept.out == one.out and list(Path("parts").rglob("*.npz"))


def test_match_indexes_as_one_process_does(ray: Any, s2f, here: Path) -> None:
    Path("people").mkdir()
    for number in range(3):
        draw(looks(0, number)).save(f"people/{number}.png")
    for file, more in (("one", ["--workers", 1]), ("two", ["--engine", "ray"])):
        assert s2f("match", "index", "people", "--index", file, *more).code == 0
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_benchmark_trains_and_scores_as_one_process_does(
    ray: Any, s2f, here: Path, tiny_recipe: Path, make_data
) -> None:
    shutil.copy(tiny_recipe, "one.toml")
    make_data(here / "people", train=(4, 4), test=(3, 3))
    command = ["benchmark", "one.toml", "--data", "people", "--budget", "2steps", "--to", "sketch"]
    command += ["--metric", "mse", "--people", "0", "--device", "cpu", "--output"]
    for folder, more in (("local", []), ("cluster", ["--engine", "ray"])):
        assert s2f(*command, folder, *more).code == 0
    assert benchmarked("cluster") == benchmarked("local")


@pytest.mark.parametrize(
    "words",
    [
        ["translate", "--to", "face", "inbox", "-o", "one.png"],
        ["translate", "--to", "face", "inbox", "-o", "out", "--shard", "0/2"],
        ["evaluate", "--generated", "a", "--reference", "b", "--report", "scores.html"],
    ],
)
def test_what_ray_cannot_do_is_wrong_usage(s2f, here: Path, words: list[str]) -> None:
    assert s2f(*words, "--engine", "ray").code == 2
