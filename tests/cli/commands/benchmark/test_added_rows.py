"""`s2f benchmark --add`: rows of other benchmarks, such as those of other machines."""

import gzip
import json
import re
import shutil
from pathlib import Path

SCORES = ("--metric", "mse,psnr", "--people", "2", "--device", "cpu", "--to", "face")
TWO_STEPS = ("--budget", "2steps", *SCORES)


def test_rows_of_another_benchmark_are_shown_and_written_again(
    s2f, worker, recipe: str, people: Path, tiny_run: Path, table
) -> None:
    arguments = (recipe, "--model", tiny_run, "--data", people, *TWO_STEPS)
    assert s2f("benchmark", *arguments, "--output", "there").code == 0
    done = len(worker.commands)
    added = shutil.copy("there/rows.json.gz", "theirs.gz")
    result = s2f("benchmark", "--add", added, "--data", people, *TWO_STEPS)
    assert result.code == 0 and result.lines == ["bench/index.html"], result.err
    assert len(worker.commands) == done and not Path("bench/runs").exists()
    mine, theirs = table(), table("there")
    assert [row.keys() for row in mine] == [row.keys() for row in theirs]
    for row, other in zip(mine, theirs, strict=True):
        assert {k: v for k, v in row.items() if "_p_" not in k} == {
            k: v for k, v in other.items() if "_p_" not in k
        }
    assert Path("bench/rows.json.gz").read_bytes() == Path(added).read_bytes()
    assert "s2f train one.toml" in Path("bench/index.html").read_text()


def test_an_added_row_counts_as_done_and_other_seeds_are_trained(
    s2f, worker, recipe: str, people: Path, table
) -> None:
    common = ("benchmark", recipe, "--data", people, *TWO_STEPS)
    assert s2f(*common, "--output", "there").code == 0
    done = len(worker.commands)
    text = Path(recipe).read_text()
    Path(recipe).write_text(re.sub("^title = .*$", 'title = "the same in other words"', text, flags=re.M))
    assert Path(recipe).read_text() != text
    result = s2f(*common, "--add", "there/rows.json.gz", "--seeds", 2)
    assert result.code == 0 and "1 of 2 rows are done already" in result.err
    assert [words[1] for words in worker.commands[done:]] == ["train", "evaluate"]
    assert [(row["system"], row["seed"]) for row in table()] == [("one", "0"), ("one", "1")]
    markdown = Path("bench/table.md").read_text()
    assert "| one, seed 0 |" in markdown and "| one, mean ± sd of 2 |" in markdown


def test_a_seed_of_each_file_becomes_two_seeds_and_another_budget_is_named(
    s2f, worker, recipe: str, people: Path
) -> None:
    common = ("benchmark", recipe, "--data", people)
    assert s2f(*common, "--seeds", 2, *TWO_STEPS, "--output", "two").code == 0
    assert s2f(*common, "--budget", "3 steps", *SCORES, "--output", "three").code == 0
    files = ("--add", "two/rows.json.gz", "--add", "three/rows.json.gz")
    assert s2f("benchmark", *files, "--data", people, "--budget", "3steps", *SCORES).code == 0
    markdown = Path("bench/table.md").read_text()
    assert "| one, 2steps, seed 1 |" in markdown and "| one, 2steps, mean ± sd of 2 |" in markdown
    assert "| one |" in markdown


def test_rows_that_are_there_twice_are_shown_once(s2f, worker, recipe: str, people: Path, table) -> None:
    common = ("benchmark", recipe, "--data", people, *TWO_STEPS)
    assert s2f(*common).code == 0
    mine = Path("bench/table.csv").read_text()
    again = s2f(*common, "--add", shutil.copy("bench/rows.json.gz", "theirs.gz"))
    assert again.code == 0 and "not added: one, on people: this benchmark has its own" in again.err
    assert Path("bench/table.csv").read_text() == mine
    twice = ("--add", "theirs.gz", "--add", "theirs.gz", "--data", people, "--output", "other")
    result = s2f("benchmark", *twice, *TWO_STEPS)
    assert result.code == 0 and "not added: one, on people: an earlier file has it" in result.err
    assert len(table("other")) == 1


def test_a_row_that_diverged_elsewhere_is_not_trained_and_one_that_failed_is(
    s2f, worker, recipe: str, data: Path, table
) -> None:
    wild = ("--set", "one:players.generators.learning_rate=1e38")
    trained = s2f("benchmark", recipe, "--data", data, *wild, "--budget", "6steps", *SCORES)
    assert trained.code == 1
    result = s2f("benchmark", "--add", "bench/rows.json.gz", "--data", data, "--output", "other", *SCORES)
    assert result.code == 1 and "left out: one-data-6steps-seed=0" in result.err
    (row,) = table("other")
    assert row["state"] == "diverged" and "not a finite number" in row["reason"]
    done = len(worker.commands)
    again = ("benchmark", recipe, "--data", data, *wild, "--budget", "6steps", *SCORES)
    assert s2f(*again, "--add", "bench/rows.json.gz", "--output", "same").code == 1
    assert len(worker.commands) == done
    failed = gzip.decompress(Path("bench/rows.json.gz").read_bytes()).replace(b'"diverged"', b'"failed"')
    Path("failed.gz").write_bytes(gzip.compress(failed))
    result = s2f(*again, "--add", "failed.gz", "--output", "same")
    assert "one, on data: it failed there, and is tried here" in result.err
    assert len(worker.commands) == done + 1


def test_rows_that_do_not_compare_are_refused(
    s2f, worker, recipe: str, people: Path, data: Path, make_data
) -> None:
    assert s2f("benchmark", recipe, "--data", people, *TWO_STEPS).code == 0
    done, file = len(worker.commands), Path("bench/rows.json.gz")
    added = ("--add", file, "--output", "other")

    def refused(*arguments: object) -> str:
        result = s2f("benchmark", *arguments, *added)
        assert result.code == 1 and len(worker.commands) == done and str(file) in result.err
        assert not Path("other").exists()
        return result.err

    assert "was scored on other data (people " in refused("--data", data, *TWO_STEPS)
    metrics = ("--metric", "mse,ssim")
    assert "one has no scores in ssim" in refused("--data", people, *TWO_STEPS[:2], *metrics)
    other = ("--set", "weights.cycle=3")
    assert "trained with other settings" in refused(recipe, "--data", people, *other, *TWO_STEPS)
    for broken in (b"", b"text", file.read_bytes()[:-20]):
        file.write_bytes(broken)
        assert "name the file rows.json.gz of a benchmark" in refused("--data", people, *TWO_STEPS)
    shutil.rmtree("bench")
    assert "No such file" in refused("--data", people, *TWO_STEPS)


def test_each_row_names_its_machine(s2f, worker, recipe: str, people: Path, table) -> None:
    assert s2f("benchmark", recipe, "--data", people, *TWO_STEPS).code == 0
    file = Path("bench/rows.json.gz")
    text = gzip.decompress(file.read_bytes()).decode()
    (row,) = json.loads(text)["rows"]
    file.write_bytes(gzip.compress(text.replace(row["machine"], "1 core, 8086").encode()))
    shutil.copy(recipe, "two.toml")
    arguments = ("two.toml", "--add", file, "--data", people, "--output", "both", *TWO_STEPS)
    assert s2f("benchmark", *arguments).code == 0
    assert [line["machine"] for line in table("both")] == [row["machine"], "1 core, 8086"]
    markdown = Path("both/table.md").read_text()
    assert "- on 1 core, 8086: one\n" in markdown and "hours of training on 1 core, 8086" in markdown


def test_rows_on_other_data_are_left_out(s2f, worker, recipe: str, people: Path, data: Path, table) -> None:
    both = ("--data", people, "--data", data)
    assert s2f("benchmark", recipe, *both, *TWO_STEPS, "--output", "there").code == 0
    result = s2f("benchmark", "--add", "there/rows.json.gz", "--data", data, *TWO_STEPS)
    assert result.code == 0 and "not added: one, on people: other data" in result.err
    assert [row["data"] for row in table()] == ["data"]
