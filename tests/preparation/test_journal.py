import json
from pathlib import Path

import pytest

from s2f_cli.errors import DataError
from s2f_cli.preparation.journal import Journal


def names(journal: Journal) -> list[str]:
    return [record["name"] for _, record in journal.records()]


def test_records_outlive_the_process(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "work", "key")
    for name in ("a", "ü\n", "c"):
        journal.append(json.dumps({"name": name}))
    journal.close()
    again = Journal(tmp_path / "work", "key")
    assert names(again) == ["a", "ü\n", "c"]
    places = [place for place, _ in again.records()]
    assert [r["name"] for r in again.read(iter(places[::-1]))] == ["c", "ü\n", "a"]


@pytest.mark.parametrize("end", [b'{"name": "b', b'{"name": "b"}', b"\x00\x00", b"\xff\n"])
def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path, end: bytes) -> None:
    journal = Journal(tmp_path, "key")
    journal.append('{"name": "a"}')
    journal.close()
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(end)
    again = Journal(tmp_path, "key")
    again.append('{"name": "c"}')
    assert names(again) == ["a", "c"]


def test_another_key_starts_afresh(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "work", "key")
    journal.append('{"name": "a"}')
    journal.close()
    (tmp_path / "work" / "set").mkdir()
    assert names(Journal(tmp_path / "work", "other")) == []
    assert not (tmp_path / "work" / "set").exists()


def test_a_broken_journal_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b"\x00")
    assert names(Journal(tmp_path, "key")) == []


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    first = Journal(tmp_path, "key")
    with pytest.raises(DataError, match="another s2f prepare"):
        Journal(tmp_path, "key")
    first.append('{"name": "a"}')
    with pytest.raises(DataError, match="another s2f prepare"):
        Journal(tmp_path, "other")
    first.close()
    assert names(Journal(tmp_path, "key")) == ["a"]
