from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item
from s2f_cli.data.sources.imagefolder import Imagefolder

Write = Callable[[Path], None]


def items_of(folder: Path) -> list[tuple[str, str, list[str]]]:
    items = (item for item in Imagefolder(folder).items() if isinstance(item, Item))
    return [(item.name, item.split, sorted(item.images)) for item in items]


def test_splits_are_folders(tmp_path: Path, write_image: Write) -> None:
    for file in ("train/face/a.png", "train/sketch/a.png", "validation/sketch/b.png", "other/c.png"):
        write_image(tmp_path / file)
    assert items_of(tmp_path) == [("a", "train", ["face", "sketch"]), ("b", "val", ["sketch"])]


def test_a_name_in_two_splits_is_two_items(tmp_path: Path, write_image: Write) -> None:
    for file in ("train/face/1.png", "test/face/1.png"):
        write_image(tmp_path / file)
    assert items_of(tmp_path) == [("1", "test", ["face"]), ("train-1", "train", ["face"])]


def test_without_split_folders_items_have_no_split(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "photos/a.png")
    assert items_of(tmp_path) == [("a", "", ["face"])]


def test_another_layout_is_an_error(tmp_path: Path, write_image: Write) -> None:
    with pytest.raises(DataError, match="no folder"):
        items_of(tmp_path / "none")
    write_image(tmp_path / "a.png")
    with pytest.raises(DataError, match="face/"):
        items_of(tmp_path)
