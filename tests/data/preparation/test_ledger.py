import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.core.parallel import Stop
from s2f_cli.data.preparation.ledger import Ledger, RenderedItem, StoredImage

IMAGE = StoredImage("face", "train/face/a.png", 3, b"digest", b"thumbnail")
RENDERED = RenderedItem("train", "3:1", "{}", [IMAGE])


def names(ledger: Ledger) -> list[str]:
    return [name for (name,) in ledger.rows("SELECT name FROM made ORDER BY name")]


def test_outcomes_survive_the_process(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "work", "key")
    for name in ("c", "ü\n", "a"):
        ledger.record(name, RENDERED, "")
    ledger.record("bad", None, "it is broken: \udcff")
    ledger.close()
    again = Ledger(tmp_path / "work", "key")
    assert names(again) == ["a", "bad", "c", "ü\n"]
    assert again.row("SELECT * FROM made WHERE name = 'a'") == ("a", "train", "3:1", "{}", None)
    assert again.row("SELECT * FROM pictures WHERE name = 'a'") == ("a", *IMAGE)
    assert again.value("SELECT reason FROM made WHERE name = 'bad'") == "it is broken: \\xff"
    assert again.value("SELECT count(*) FROM pictures") == 3


def test_a_later_outcome_replaces_an_earlier_one(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "key")
    ledger.record("a", RENDERED, "")
    ledger.record("a", None, "gone")
    assert list(ledger.rows("SELECT line, reason FROM made")) == [(None, "gone")]
    assert ledger.row("SELECT * FROM pictures") is None


def test_a_transaction_is_atomic(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "key")
    with pytest.raises(KeyError), ledger.transaction():
        ledger.run("DELETE FROM state")
        raise KeyError
    assert ledger.value("SELECT key FROM state") == "key"


def test_another_key_starts_afresh(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "work", "key")
    ledger.record("a", RENDERED, "")
    ledger.close()
    (tmp_path / "work" / "set").mkdir()
    assert names(Ledger(tmp_path / "work", "other")) == []
    assert not (tmp_path / "work" / "set").exists()


def nonsense(file: Path) -> None:
    file.write_bytes(b"\x00" * 5000)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5000])


def other_tables(file: Path) -> None:
    with sqlite3.connect(file) as rows:
        rows.execute("DROP TABLE pictures")
    rows.close()


@pytest.mark.parametrize("damage", [nonsense, cut_off, other_tables])
def test_a_broken_ledger_starts_afresh(damage: Callable[[Path], None], tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "key")
    for number in range(200):
        ledger.record(str(number), RENDERED, "")
    ledger.close()
    (tmp_path / "set").mkdir()
    damage(tmp_path / "ledger.sqlite")
    again = Ledger(tmp_path, "key")
    assert names(again) == []
    assert not (tmp_path / "set").exists()
    again.record("a", RENDERED, "")


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    first = Ledger(tmp_path, "key")
    for key in ("key", "other"):
        with pytest.raises(DataError, match="another s2f prepare"):
            Ledger(tmp_path, key)
    first.record("a", RENDERED, "")
    first.close()
    assert names(Ledger(tmp_path, "key")) == ["a"]


def test_a_full_disk_stops_the_preparation(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "key")
    ledger.run("PRAGMA max_page_count = 20")
    with pytest.raises(Stop, match="full"):
        for number in range(2000):
            ledger.record(str(number), RENDERED, "")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write .*file"):
        Ledger(tmp_path / "file", "key")
