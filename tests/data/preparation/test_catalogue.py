"""Which duplicates are told and dropped, and what is counted, from the rows of a ledger."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.data.preparation import PrepareSettings, statistics
from s2f_cli.data.preparation.ledger import Ledger, Picture, Record
from s2f_cli.data.preparation.render_item import thumb
from s2f_cli.data.preparation.selection import choose
from s2f_cli.data.source import Item, Source
from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks

ANN, BEN, EVE = (draw(looks(0, number)).resize((64, 64)) for number in range(3))
BLANK = Image.new("L", (30, 30), 255)


@dataclass(frozen=True)
class Given(Source):
    found: tuple[Item, ...]
    name = "given"
    licence = layout = "none"

    def items(self) -> Iterator[Item]:
        yield from self.found


@dataclass(frozen=True)
class Made:
    """An item, its split, and its pictures."""

    name: str
    split: str
    pictures: dict[str, Image.Image]
    identity: str = ""


def ledger_of(folder: Path, *made: Made) -> Ledger:
    ledger = Ledger(folder, "key")
    nowhere = Path("nowhere.png")
    items = [
        Item(one.name, dict.fromkeys(one.pictures, nowhere), one.identity or one.name, split=one.split)
        for one in made
    ]
    choose(Given(tuple(items)), PrepareSettings(), ledger)
    for one in made:
        pictures = [
            Picture(domain, "", 1, hashlib.sha256(image.tobytes()).digest(), thumb(image))
            for domain, image in one.pictures.items()
        ]
        ledger.note(one.name, Record(one.split, "", one.name, pictures), "")
    return ledger


def kept(ledger: Ledger) -> list[str]:
    return [name for (name,) in ledger.rows("SELECT name FROM chosen ORDER BY name")]


def test_the_copy_in_training_is_left_out_whatever_its_place(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Made("a", "train", {"face": ANN}),
        Made("b", "test", {"face": ANN.copy()}),
        Made("c", "train", {"face": ANN.convert("L")}),
        Made("d", "train", {"face": BEN}),
    )
    told = statistics.drop_duplicates(ledger, "across")
    assert set(told) == {"a", "c"}
    assert all("equal to b in test: left out of train" in line for line in told.values())
    assert kept(ledger) == ["b", "d"]


def test_equal_and_nearly_equal_are_told_apart(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Made("a", "train", {"face": ANN}),
        Made("b", "train", {"face": ANN.copy()}),
        Made("c", "train", {"face": BEN}),
        Made("d", "train", {"face": BEN.convert("L")}),
    )
    told = statistics.drop_duplicates(ledger, "across")
    assert told == {
        "b": "equal to a in train: both in train",
        "d": "nearly equal to c in train: both in train",
    }
    assert kept(ledger) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("policy", "names"), [("all", ["a", "d"]), ("ignore", ["a", "b", "c", "d"])])
def test_policies(policy: str, names: list[str], tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        *(Made(name, "train", {"face": ANN}) for name in "abc"),
        Made("d", "train", {"face": EVE}),
    )
    assert len(statistics.drop_duplicates(ledger, policy)) == (2 if policy == "all" else 0)
    assert kept(ledger) == names


def test_a_chain_over_both_domains_is_one_group(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Made("a", "train", {"face": ANN, "sketch": BEN.convert("L")}),
        Made("b", "val", {"face": EVE, "sketch": BEN.convert("L")}),
        Made("c", "test", {"face": EVE}),
    )
    told = statistics.drop_duplicates(ledger, "across")
    assert told == {
        "b": "equal to c in test: left out of val",
        "a": "equal to c in test: left out of train",
    }


def test_a_face_and_a_sketch_are_never_duplicates(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path, Made("a", "train", {"face": ANN}), Made("b", "test", {"sketch": ANN.convert("L")})
    )
    assert statistics.drop_duplicates(ledger, "across") == {}


def test_blank_pictures_are_only_equal_by_their_bytes(tmp_path: Path) -> None:
    others = [Made(f"{n}", "test", {"face": Image.new("L", (31 + n, 30), 255)}) for n in range(3)]
    ledger = ledger_of(tmp_path, *others, *(Made(name, "train", {"face": BLANK}) for name in "ab"))
    assert statistics.drop_duplicates(ledger, "all") == {"b": "equal to a in train: left out of train"}


def test_the_table_counts_what_is_kept(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Made("a", "train", {"face": ANN, "sketch": ANN}, "ann"),
        Made("b", "train", {"face": BEN}, "ann"),
        Made("c", "train", {"face": BEN}, "ben"),
        Made("d", "test", {"sketch": EVE}),
        Made("e", "val", {"sketch": EVE}),
    )
    ledger.note("e", None, "broken")
    assert statistics.table(ledger) == {
        "test": {"faces": 0, "sketches": 1, "pairs": 0, "people": 1},
        "train": {"faces": 3, "sketches": 1, "pairs": 1, "people": 2},
    }
