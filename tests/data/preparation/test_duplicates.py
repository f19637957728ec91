"""Duplicates that are reported and dropped, and the counts of the remaining items."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.preparation import PrepareSettings, statistics
from s2f_cli.data.preparation.duplicates import drop_duplicates
from s2f_cli.data.preparation.ledger import Ledger, RenderedItem, StoredImage
from s2f_cli.data.preparation.render_item import thumbnail
from s2f_cli.data.preparation.selection import select
from s2f_cli.data.source import Item, Source

ANN, BEN, EVE = (draw(looks(0, number)).resize((64, 64)) for number in range(3))
BLANK = Image.new("L", (30, 30), 255)


@dataclass(frozen=True)
class ListSource(Source):
    content: tuple[Item, ...]
    name = "list"
    licence = layout = "none"

    def items(self) -> Iterator[Item]:
        yield from self.content


@dataclass(frozen=True)
class Sample:
    """An item, its split, and its images."""

    name: str
    split: str
    images: dict[str, Image.Image]
    identity: str = ""


def ledger_of(folder: Path, *samples: Sample) -> Ledger:
    """The ledger of a preparation that has selected and rendered the samples."""
    ledger = Ledger(folder, "key")
    nowhere = Path("nowhere.png")
    items = [
        Item(s.name, dict.fromkeys(s.images, nowhere), s.identity or s.name, split=s.split) for s in samples
    ]
    select(ListSource(tuple(items)), PrepareSettings(), ledger)
    for sample in samples:
        images = [
            StoredImage(domain, "", 1, hashlib.sha256(image.tobytes()).digest(), thumbnail(image))
            for domain, image in sample.images.items()
        ]
        ledger.record(sample.name, RenderedItem(sample.split, "", sample.name, images), "")
    return ledger


def remaining(ledger: Ledger) -> list[str]:
    return [name for (name,) in ledger.rows("SELECT name FROM chosen ORDER BY name")]


def test_the_copy_in_training_is_left_out_in_any_order(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Sample("a", "train", {"face": ANN}),
        Sample("b", "test", {"face": ANN.copy()}),
        Sample("c", "train", {"face": ANN.convert("L")}),
        Sample("d", "train", {"face": BEN}),
    )
    lines = drop_duplicates(ledger, "across")
    assert set(lines) == {"a", "c"}
    assert all("equal to b in test: left out of train" in line for line in lines.values())
    assert remaining(ledger) == ["b", "d"]


def test_equal_and_nearly_equal_images_are_distinguished(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Sample("a", "train", {"face": ANN}),
        Sample("b", "train", {"face": ANN.copy()}),
        Sample("c", "train", {"face": BEN}),
        Sample("d", "train", {"face": BEN.convert("L")}),
    )
    lines = drop_duplicates(ledger, "across")
    assert lines == {
        "b": "equal to a in train: both in train",
        "d": "nearly equal to c in train: both in train",
    }
    assert remaining(ledger) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("policy", "names"), [("all", ["a", "d"]), ("ignore", ["a", "b", "c", "d"])])
def test_a_policy_decides_which_duplicates_are_dropped(policy: str, names: list[str], tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        *(Sample(name, "train", {"face": ANN}) for name in "abc"),
        Sample("d", "train", {"face": EVE}),
    )
    assert len(drop_duplicates(ledger, policy)) == (2 if policy == "all" else 0)
    assert remaining(ledger) == names


def test_duplicates_chained_over_both_domains_are_one_group(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Sample("a", "train", {"face": ANN, "sketch": BEN.convert("L")}),
        Sample("b", "val", {"face": EVE, "sketch": BEN.convert("L")}),
        Sample("c", "test", {"face": EVE}),
    )
    lines = drop_duplicates(ledger, "across")
    assert lines == {
        "b": "equal to c in test: left out of val",
        "a": "equal to c in test: left out of train",
    }


def test_a_face_and_a_sketch_are_never_duplicates(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path, Sample("a", "train", {"face": ANN}), Sample("b", "test", {"sketch": ANN.convert("L")})
    )
    assert drop_duplicates(ledger, "across") == {}


def test_blank_images_are_duplicates_only_if_their_bytes_are_equal(tmp_path: Path) -> None:
    others = [Sample(f"{n}", "test", {"face": Image.new("L", (31 + n, 30), 255)}) for n in range(3)]
    ledger = ledger_of(tmp_path, *others, *(Sample(name, "train", {"face": BLANK}) for name in "ab"))
    assert drop_duplicates(ledger, "all") == {"b": "equal to a in train: left out of train"}


def test_only_kept_and_rendered_items_are_counted(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path,
        Sample("a", "train", {"face": ANN, "sketch": ANN}, "ann"),
        Sample("b", "train", {"face": BEN}, "ann"),
        Sample("c", "train", {"face": BEN}, "ben"),
        Sample("d", "test", {"sketch": EVE}),
        Sample("e", "val", {"sketch": EVE}),
    )
    ledger.record("e", None, "broken")
    assert statistics.counts(ledger) == {
        "test": {"faces": 0, "sketches": 1, "pairs": 0, "people": 1},
        "train": {"faces": 3, "sketches": 1, "pairs": 1, "people": 2},
    }
