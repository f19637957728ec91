from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item
from s2f_cli.data.sources.imagefolder import Imagefolder

Write = Callable[[Path], None]


def found(folder: Path) -> list[tuple[str, str, list[str]]]:
    items = (item for item in Imagefolder(folder).items() if isinstance(item, Item))
    return [(item.name, item.split, sorted(item.images)) for item in items]


def test_splits_are_folders(tmp_path: Path, picture: Write) -> None:
    for file in ("train/face/a.png", "train/sketch/a.png", "validation/sketch/b.png", "other/c.png"):
        picture(tmp_path / file)
    assert found(tmp_path) == [("a", "train", ["face", "sketch"]), ("b", "val", ["sketch"])]


def test_one_name_in_two_splits_is_two_items(tmp_path: Path, picture: Write) -> None:
    for file in ("train/face/1.png", "test/face/1.png"):
        picture(tmp_path / file)
    assert found(tmp_path) == [("1", "test", ["face"]), ("train-1", "train", ["face"])]


def test_without_splits(tmp_path: Path, picture: Write) -> None:
    picture(tmp_path / "photos/a.png")
    assert found(tmp_path) == [("a", "", ["face"])]


def test_no_such_layout(tmp_path: Path, picture: Write) -> None:
    with pytest.raises(DataError, match="no folder"):
        found(tmp_path / "none")
    picture(tmp_path / "a.png")
    with pytest.raises(DataError, match="face/"):
        found(tmp_path)
