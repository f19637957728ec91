"""Shards and their reports."""

from itertools import chain
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.core.shards import Shard, merged_reports, write_report

NAMES = [f"photos/{number}.png" for number in range(200)]


@pytest.mark.parametrize("count", [1, 3])
def test_every_item_is_in_one_shard(count: int) -> None:
    held = [[name for name in NAMES if Shard(index, count).holds(name)] for index in range(count)]
    assert sorted(chain.from_iterable(held)) == sorted(NAMES)
    assert min(map(len, held)) > 150 / count


def test_a_shard_is_read_from_text() -> None:
    assert Shard.parse("2/8") == Shard(2, 8) and str(Shard(2, 8)) == "2/8"


@pytest.mark.parametrize("text", ["8/8", "-1/8", "1", "1/0", "a/b", "1/2/3", ""])
def test_anything_else_is_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="is no shard"):
        Shard.parse(text)


def test_reports_are_merged(tmp_path: Path) -> None:
    for index in range(2):
        write_report(tmp_path, Shard(index, 2), [{"input": f"{index}ä", "outputs": []}])
    assert [record["input"] for record in merged_reports(tmp_path)] == ["0ä", "1ä"]


def test_missing_and_other_shards_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no shard has finished"):
        merged_reports(tmp_path)
    write_report(tmp_path, Shard(1, 3), [])
    with pytest.raises(DataError, match=r"not finished in .*: 0/3, 2/3"):
        merged_reports(tmp_path)
    write_report(tmp_path, Shard(0, 2), [])
    with pytest.raises(DataError, match="of 2 and 3 shards"):
        merged_reports(tmp_path)
