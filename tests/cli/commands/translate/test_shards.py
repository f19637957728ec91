"""`s2f translate --shard` and `--merge`."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def inbox(here: Path, drawing) -> Path:
    (here / "inbox").mkdir()
    for number in range(6):
        drawing(number, 16, 16).convert("L").save(here / f"inbox/{number}.png")
    (here / "inbox/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return here / "inbox"


def test_shards_give_the_files_of_one_machine_and_one_report(translate, inbox: Path) -> None:
    command = ["--to", "face", "inbox", "--json", "-o"]
    assert translate(*command, "one").code == 1
    early = translate(*command, "out", "--merge")
    assert early.code == 1 and "no shard has finished" in early.err
    parts = [translate(*command, "out", "--shard", f"{index}/2") for index in (0, 1)]
    assert sorted(part.code for part in parts) == [0, 1]
    assert all(0 < len(part.lines) < 7 for part in parts)
    again = translate(*command, "out", "--shard", "0/2")
    assert all(json.loads(line).get("skipped") or "error" in json.loads(line) for line in again.lines)
    merged = translate(*command, "out", "--merge")
    records = [json.loads(line) for line in merged.lines]
    assert [record["input"] for record in records] == sorted(f"inbox/{file.name}" for file in inbox.iterdir())
    assert merged.code == 1 and "broken.png" in merged.err
    results = sorted(Path("one").glob("*.png"))
    assert len(results) == 6
    assert all(file.read_bytes() == Path("out", file.name).read_bytes() for file in results)


def test_an_input_that_came_later_has_no_result(translate, inbox: Path) -> None:
    (inbox / "broken.png").unlink()
    translate("--to", "face", "inbox", "-o", "out", "--shard", "0/1")
    (inbox / "0.png").rename(inbox / "9.png")
    merged = translate("--to", "face", "inbox", "-o", "out", "--merge")
    assert merged.code == 1 and "9.png: it was added after the shards had started" in merged.err


@pytest.mark.parametrize(
    "words", [["-o", "one.png"], [], ["-o", "out", "--merge"], ["-o", "out", "--sheet", "sheet.png"]]
)
def test_a_shard_needs_a_folder(translate, inbox: Path, words: list[str]) -> None:
    assert translate("--to", "face", "inbox", "--shard", "0/2", *words).code == 2


def test_what_is_no_shard_is_wrong_usage(translate, inbox: Path) -> None:
    result = translate("--to", "face", "inbox", "-o", "out", "--shard", "2/2")
    assert result.code == 2 and "is no shard" in result.err
