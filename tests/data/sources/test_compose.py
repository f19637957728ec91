from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import Entry, Header, to_line, write_lines
from s2f_cli.data.source import Item
from s2f_cli.data.sources.compose import Compose


def entry(number: int, pair: bool) -> Entry:
    domains = ("face", "sketch") if pair else ("sketch",)
    return Entry(
        name=str(number),
        split="test" if number % 4 == 0 else "train",
        identity=f"person-{number}",
        files={domain: f"train/{domain}/{number}.png" for domain in domains},
        sha256=dict.fromkeys(domains, "0"),
    )


def prepared(folder: Path, pairs: int, sketches: int = 0) -> Path:
    folder.mkdir(parents=True)
    entries = [entry(number, pair=number < pairs) for number in range(pairs + sketches)]
    write_lines(
        folder,
        Header(source=folder.name, licence=f"free {folder.name}", split="a rule"),
        map(to_line, entries),
    )
    return folder


def items_of(*parts: str, total: int | None = None, seed: int = 0) -> list[Item]:
    return [item for item in Compose(parts, total, seed).items() if isinstance(item, Item)]


def count(items: list[Item], part: str) -> int:
    return sum(item.part == part for item in items)


def test_counts_like_table_2_1_of_report_b(tmp_path: Path) -> None:
    collected, cufs = prepared(tmp_path / "collected", 0, 100), prepared(tmp_path / "cufs", 60)
    items = items_of(f"{collected}:sketch=92", f"{cufs}:sketch=57")
    assert (count(items, "collected"), count(items, "cufs")) == (92, 57)
    assert {tuple(item.images) for item in items} == {("sketch",)}
    assert len({item.name for item in items}) == len(items)
    drawn = next(item for item in items if item.name.startswith("cufs-") and item.split == "test")
    assert drawn.identity == f"cufs/person-{drawn.name.removeprefix('cufs-')}"


def test_percentages_refer_to_the_total_or_to_the_largest_possible_one(tmp_path: Path) -> None:
    large, small = prepared(tmp_path / "large", 40), prepared(tmp_path / "small", 10)
    fixed = items_of(f"{large}:30%", f"{small}:70%", total=10)
    assert (count(fixed, "large"), count(fixed, "small")) == (3, 7)
    largest = items_of(f"{large}:75%", f"{small}:25%")
    assert (count(largest, "large"), count(largest, "small")) == (30, 10)


def test_the_draw_follows_the_seed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "one", 40)
    names = [{item.name for item in items_of(f"{folder}:20", seed=seed)} for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]
    assert len(items_of(str(folder))) == 40


def test_a_part_can_count_several_times_in_training_only(tmp_path: Path) -> None:
    small = prepared(tmp_path / "small", 8, 2)
    items = items_of(f"{small}:pair=all:x3", str(prepared(tmp_path / "large", 4)))
    own = [item for item in items if item.part == "small"]
    assert [item.split for item in own].count("train") == 3 * 6 and len(own) == 3 * 6 + 2
    assert {item.name for item in own if item.identity == "small/person-1"} == {
        "small-1",
        "small-2-1",
        "small-3-1",
    }
    assert len({item.name for item in items}) == len(items)
    assert count(items_of(f"{small}:x2"), "small") == 2 * 7 + 3


def test_terms_and_split_rules_of_the_parts_are_joined(tmp_path: Path) -> None:
    source = Compose((str(prepared(tmp_path / "one", 4)), str(prepared(tmp_path / "two", 4))))
    assert source.terms() == "free one; free two"
    assert source.split_rule() == "one: a rule; two: a rule"


def test_invalid_parts_are_named(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "one", 4, 3)
    with pytest.raises(DataError, match="4 pairs, fewer than 5"):
        items_of(f"{folder}:pair=5")
    with pytest.raises(DataError, match="no prepared data set"):
        items_of(str(tmp_path))
    with pytest.raises(DataError, match="two parts have the name 'one'") as raised:
        items_of(str(folder), f"{folder}:3")
    assert raised.value.hint == "name the folder once; without an amount, all of it is taken"
    with pytest.raises(DataError, match="two parts have the name 'one'") as raised:
        items_of(str(folder), str(prepared(tmp_path / "elsewhere/one", 4)))
    assert raised.value.hint == "rename the folder of one"
