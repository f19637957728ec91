import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2f_cli.core.errors import DataError
from s2f_cli.data.preparation import selection
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.selection import safe_name
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.source import Item, LeftOut, Source

NOWHERE = Path("nowhere.png")


@dataclass(frozen=True)
class ListSource(Source):
    content: tuple[Item | LeftOut, ...]
    name = "list"
    licence = layout = "none"

    def items(self) -> Iterator[Item | LeftOut]:
        yield from self.content


def select(source: Source, settings: PrepareSettings) -> SimpleNamespace:
    """The selection, with the split of every item in it."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder), "key") as ledger:
        selected = selection.select(source, settings, ledger)
        splits = dict(ledger.rows("SELECT name, split FROM chosen"))
    assert selected.count == len(splits)
    return SimpleNamespace(**vars(selected), splits=splits)


def people(count: int, split: str = "") -> tuple[Item, ...]:
    return tuple(
        Item(
            f"{number:03}",
            {"face": NOWHERE} if number % 2 else {"sketch": NOWHERE},
            identity=f"p{number // 2}",
            split=split,
            attributes={"smiling": "yes" if number % 5 else "no", "sex": "f" if number % 3 else "m"},
        )
        for number in range(count)
    )


def alone(names: list[str]) -> ListSource:
    return ListSource(tuple(Item(name, {"face": NOWHERE}, identity=name) for name in names))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.floats(0, 0.99), st.integers(0, 5))
def test_a_random_split_is_exact_by_person_and_complete(count: int, share: float, seed: int) -> None:
    splits = select(
        alone([f"p{n}" for n in range(count)]), PrepareSettings(test_share=share, seed=seed)
    ).splits
    assert len(splits) == count
    tested = sum(split == "test" for split in splits.values())
    assert tested == min(max(round(share * count), int(share > 0)), count - 1)


@settings(max_examples=10, deadline=None)
@given(st.permutations([f"p{n}" for n in range(12)]))
def test_a_random_split_does_not_depend_on_the_order(names: list[str]) -> None:
    chosen = PrepareSettings(test_share=0.25, seed=3)
    assert select(alone(names), chosen).splits == select(alone(sorted(names)), chosen).splits


def test_a_single_person_is_in_training() -> None:
    assert select(alone(["ann"]), PrepareSettings()).splits == {"ann": "train"}


def test_published_splits_take_precedence_and_a_person_stays_together() -> None:
    items = (
        Item("a", {"face": NOWHERE}, "ann", split="test"),
        Item("b", {"face": NOWHERE}, "ann"),
        Item("c", {"face": NOWHERE}, "ann", split="train"),
        Item("d", {"face": NOWHERE}, "dan"),
        Item("e", {"face": NOWHERE}, "eve"),
    )
    selected = select(ListSource(items), PrepareSettings())
    assert selected.splits["a"] == selected.splits["b"] == "test"
    assert selected.conflicts == {"c": "the same person is in test; left out of train"}
    assert {selected.splits["d"], selected.splits["e"]} == {"train", "test"}
    assert selected.listed == 1


def test_no_person_is_in_two_splits() -> None:
    selected = select(ListSource(people(80)), PrepareSettings(test_share=0.3))
    sides: dict[str, set[str]] = {"train": set(), "test": set()}
    for item in people(80):
        sides[selected.splits[item.name]].add(item.identity)
    assert not sides["train"] & sides["test"]
    assert len(sides["test"]) == 12


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.floats(0, 0.99), st.integers(0, 5))
def test_a_validation_share_is_exact_and_leaves_the_test_split_alone(
    count: int, share: float, seed: int
) -> None:
    source = alone([f"p{n}" for n in range(count)])
    without = select(source, PrepareSettings(seed=seed)).splits
    splits = select(source, PrepareSettings(seed=seed, val_share=share)).splits
    assert [n for n in splits if splits[n] == "test"] == [n for n in without if without[n] == "test"]
    trained = sum(split == "train" for split in without.values())
    held_out = sum(split == "val" for split in splits.values())
    assert held_out == min(max(round(share * trained), int(share > 0)), trained - 1)


def test_people_of_a_published_training_list_are_held_out_whole() -> None:
    items = (*people(80, split="train"), Item("t", {"face": NOWHERE}, "tim", split="test"))
    selected = select(ListSource(items), PrepareSettings(val_share=0.25))
    sides: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for item in items:
        sides[selected.splits[item.name]].add(item.identity)
    assert (len(sides["train"]), len(sides["val"]), sides["test"]) == (30, 10, {"tim"})
    assert not sides["train"] & sides["val"]
    assert not selected.conflicts


def test_published_validation_people_stay_and_the_share_adds_to_them() -> None:
    items = (Item("v", {"face": NOWHERE}, "val", split="val"), *people(20, split="train"))
    kept = select(ListSource(items), PrepareSettings()).splits
    assert [name for name, split in kept.items() if split == "val"] == ["v"]
    more = select(ListSource(items), PrepareSettings(val_share=0.2)).splits
    assert more["v"] == "val" and sum(split == "val" for split in more.values()) == 5


def test_thin_keeps_one_in_twenty() -> None:
    selected = select(ListSource(people(500)), PrepareSettings(thin=("smiling=yes:1/20",)))
    items = [item for item in people(500) if item.name in selected.splits]
    assert sum(item.attributes["smiling"] == "yes" for item in items) == 20
    assert sum(item.attributes["smiling"] == "no" for item in items) == 100
    assert selected.filters == ["thin smiling=yes: 20 of 400"]


def test_filters_combine_and_follow_the_seed() -> None:
    chosen = PrepareSettings(where=("smiling=yes",), balance="sex", count=50, only="face", seed=4)
    selected = select(ListSource(people(300)), chosen)
    items = [item for item in people(300) if item.name in selected.splits]
    assert len(items) == 50
    assert all(item.attributes["smiling"] == "yes" and "face" in item.images for item in items)
    assert [line.split(":")[0] for line in selected.filters] == ["where smiling=yes", "balance sex", "count"]
    again = select(ListSource(people(300)), chosen)
    assert again.splits == selected.splits
    other = select(ListSource(people(300)), PrepareSettings(count=50, only="face", seed=5))
    assert other.splits.keys() != selected.splits.keys()


def test_balance_takes_the_same_number_of_each_value() -> None:
    selected = select(ListSource(people(90)), PrepareSettings(balance="sex"))
    sexes = [item.attributes["sex"] for item in people(90) if item.name in selected.splits]
    assert sexes.count("f") == sexes.count("m") == 30


def test_an_unknown_attribute_or_value_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(DataError, match="attribute 'smilling'") as error:
        select(ListSource(people(9)), PrepareSettings(where=("smilling=yes",)))
    assert "did you mean 'smiling'" in error.value.hint
    with pytest.raises(DataError, match="smiling=true"):
        select(ListSource(people(9)), PrepareSettings(thin=("smiling=true:1/2",)))


def test_an_item_without_the_attribute_is_left_out_with_a_reason() -> None:
    items = (*people(4), Item("bare", {"face": NOWHERE}, "bare"))
    selected = select(ListSource(items), PrepareSettings(balance="sex"))
    assert "attribute" in selected.left_out["bare"]
    assert "bare" in select(ListSource(items), PrepareSettings()).splits


def test_names_that_would_share_a_file_are_left_out() -> None:
    items = tuple(Item(name, {"face": NOWHERE}, name) for name in ("a", "A", "b\nc", "b_c"))
    selected = select(ListSource(items), PrepareSettings())
    assert sorted(selected.splits) == ["a", "b\nc"]
    assert sorted(selected.left_out) == ["A", "b_c"]


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=140))
def test_safe_names_are_file_names_everywhere(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('\n\r\t\0/\\:*?"<>|')
    assert safe[0] not in ". " and safe[-1] not in ". "
    assert safe_name(safe) == safe
    assert len(safe.encode()) <= 180


@pytest.mark.parametrize("name", ["CON", "aux", "nul.tar", "Com1", "lpt9.x.y", "PRN .b", "com¹"])
def test_no_safe_name_is_a_device_of_windows(name: str) -> None:
    assert safe_name(name) == f"_{name}"


@pytest.mark.parametrize("name", ["console", "auxiliary", "com", "com10", "x.con", "_nul"])
def test_names_that_only_begin_like_a_device_are_kept(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "values",
    [
        {"where": ("smiling",)},
        {"thin": ("smiling=yes",)},
        {"thin": ("smiling=yes:20",)},
        {"thin": ("smiling=yes:1/0",)},
        {"count": 0},
        {"val_share": 1.0},
        {"align": "nowhere"},
    ],
)
def test_invalid_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(DataError):
        PrepareSettings(**values)  # type: ignore[arg-type]


def test_an_empty_selection_is_an_error() -> None:
    with pytest.raises(DataError, match="no usable images"):
        select(ListSource((LeftOut("a", "broken"),)), PrepareSettings())
    with pytest.raises(DataError, match="no item passes"):
        select(ListSource(people(3)), PrepareSettings(thin=("smiling=yes:1/20",), where=("smiling=yes",)))
