"""`s2f benchmark`: its rows, its files, its failures, and how it continues."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.evaluation.scored_training import open_trainer
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run

SCORES = ("--metric", "mse,psnr", "--people", "2", "--device", "cpu")
TWO_STEPS = ("--budget", "2steps", *SCORES)


def test_rows_are_trained_scored_and_compared_and_not_repeated(
    s2f, worker, recipe: str, people: Path, table
) -> None:
    arguments = ("benchmark", recipe, "--data", people, "--seeds", 2, "--to", "sketch", *TWO_STEPS)
    result = s2f(*arguments)
    assert result.code == 0, result.err
    assert result.lines == ["bench/index.html"]
    rows = table()
    assert [(row["system"], row["seed"], row["steps"], row["state"]) for row in rows] == [
        ("one", seed, "2", "scored") for seed in "01"
    ]
    best, other = sorted(rows, key=lambda row: float(row["mse"]))
    assert best["mse_p_against_best"] == "" and 0 < float(other["mse_p_against_best"]) <= 1
    assert all(float(row["training_seconds"]) > 0 and row["images"] == "4" for row in rows)
    assert float(best["mse_low"]) < float(best["mse"]) < float(best["mse_high"])
    assert int(best["parameters"]) > 0 and float(best["translation_seconds_per_image"]) > 0
    markdown, page = Path("bench/table.md").read_text(), Path("bench/index.html").read_text()
    assert "| one, seed 0 |" in markdown and "| one, mean ± sd of 2 |" in markdown and "**" in markdown
    assert page.count("data:image/jpeg") == 2 * (2 + len(rows)) and "s2f train one.toml" in page
    document = json.loads(Path("bench/results.json").read_text())
    assert [row["mse"] for row in document["rows"]] == [float(row["mse"]) for row in rows]
    machine = document["machine"]
    assert f"{machine['processor']}, {machine['instructions']}" in markdown and machine["cores"] > 0
    done = len(worker.commands)
    again = s2f(*arguments)
    assert done == 4 and again.code == 0 and "2 of 2 rows are done already" in again.err
    assert len(worker.commands) == done and Path("bench/table.md").read_text() == markdown


def test_diverged_and_failed_rows_are_rows_and_only_failed_ones_are_tried_again(
    s2f, worker, recipe: str, data: Path, tiny_run: Path, table
) -> None:
    wild = "one:players.generators.learning_rate=1e38"
    models = (recipe, "--model", tiny_run, "--to", "face")
    arguments = ("benchmark", *models, "--data", data, "--set", wild, "--budget", "6steps", *SCORES)
    result = s2f(*arguments)
    assert result.code == 1 and "left out: one-data-6steps-seed=0" in result.err
    assert {row["system"]: row["state"] for row in table()} == {"one": "diverged", "run": "scored"}
    assert "not a finite number" in Path("bench/table.md").read_text()
    assert "diverged" in Path("bench/index.html").read_text()
    done = len(worker.commands)
    assert s2f(*arguments).code == 1 and len(worker.commands) == done
    failure = Path("bench/failures/one-data-6steps-seed=0.json")
    failure.write_text(failure.read_text().replace("diverged", "failed"))
    assert s2f(*arguments).code == 1 and worker.commands[done:][0][:2] == ["s2f", "train"]


def test_an_interrupted_training_is_continued_to_the_same_model(s2f, worker, recipe: str, data: Path) -> None:
    request = TrainRequest(recipe, data, Path("whole"), budget="4steps", seed=0, device="cpu")
    list(open_trainer(request).run())
    run = Path("bench/runs/one-data-4steps-seed=0")
    trainer = open_trainer(replace(request, output=run))
    for event in trainer.run():
        if getattr(event, "step", 0) == 2:
            trainer.stop()
    budget = ("--to", "face", "--budget", "4steps")
    assert s2f("benchmark", recipe, "--data", data, *budget, *SCORES).code == 0
    assert [words[1] for words in worker.commands] == ["train", "evaluate"]
    assert "--resume" in worker.commands[0]
    assert (run / "model.safetensors").read_bytes() == Path("whole/model.safetensors").read_bytes()
    spent = Run.open(run).spent()
    assert spent is not None and spent.images == 8


def test_a_folder_of_results_and_a_trained_model_are_rows(
    s2f, worker, people: Path, tiny_run: Path, table
) -> None:
    copies = Path("copies")
    copies.mkdir()
    for number in range(8):
        image = Image.open(people / f"test/sketch/{number}.png")
        image.point(lambda level: level // 2).save(copies / f"{number}.png")
    arguments = ("--model", tiny_run, "--results", f"halved:sketch={copies}", "--data", people)
    result = s2f("benchmark", *arguments, *TWO_STEPS)
    assert result.code == 0, result.err
    rows = {row["system"]: row for row in table() if row["direction"] == "face → sketch"}
    assert rows.keys() == {"run", "halved"} and rows["halved"]["kind"] == "results"
    assert rows["halved"]["seed"] == rows["halved"]["parameters"] == rows["run"]["training_seconds"] == ""
    assert float(rows["run"]["translation_seconds_per_image"]) > 0
    assert Path("bench/index.html").read_text().count("data:image/jpeg") == 2 * 4 + 2 * 3


def test_rows_that_cannot_be_scored_are_refused_before_the_first_training(
    s2f, worker, recipe: str, data: Path
) -> None:
    result = s2f("benchmark", recipe, "dcgan", "--data", data, *TWO_STEPS)
    assert result.code == 1 and "dcgan does not translate" in result.err and not worker.commands
    result = s2f("benchmark", recipe, "--data", data, "--protocol", "cuhk-88-100", *TWO_STEPS)
    assert result.code == 1 and "6 pairs in train, not 88" in result.err and not worker.commands


def test_the_page_of_something_else_is_kept(s2f, recipe: str, people: Path, here: Path) -> None:
    page = here / "bench/index.html"
    page.parent.mkdir()
    page.write_text("mine")
    refused = s2f("benchmark", recipe, "--data", people, *TWO_STEPS)
    assert refused.code == 1 and "is not the page of a benchmark" in refused.err
    assert [file.read_text() for file in page.parent.iterdir()] == ["mine"]


def test_a_run_with_other_settings_is_not_taken_for_a_row(s2f, worker, recipe: str, data: Path) -> None:
    run = Path("bench/runs/one-data-2steps-seed=0")
    list(open_trainer(TrainRequest(recipe, data, run, budget="2steps", device="cpu")).run())
    wrong = ("--set", "weights.cycle=3")
    result = s2f("benchmark", recipe, "--data", data, *wrong, *TWO_STEPS)
    assert result.code == 1 and "has another recipe or data set" in result.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["one.toml", "--results", "gda=outputs"]],
)
def test_wrong_usage(arguments: list[str], s2f, here: Path) -> None:
    assert s2f("benchmark", *arguments).code == 2
