from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
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


@pytest.mark.parametrize("top", ["set/", "set-main/inner/", "photos of us/"])
def test_one_top_folder_is_no_split(tmp_path: Path, write_image: Write, top: str) -> None:
    for file in ("photos/a.png", "Sketches/a.png", "__MACOSX/x.png"):
        write_image(tmp_path / f"{top}{file}")
    assert items_of(tmp_path) == [("a", "", ["face", "sketch"])]
    write_image(tmp_path / f"{top}test/face/b.png")
    assert ("b", "test", ["face"]) in items_of(tmp_path)


def test_folders_of_one_split_are_all_read(tmp_path: Path, write_image: Write) -> None:
    for file in ("val/face/a.png", "validation/face/b.png", "Valid/Face/c.png"):
        write_image(tmp_path / file)
    assert sorted(items_of(tmp_path)) == [(name, "val", ["face"]) for name in "abc"]


def test_any_folder_name_becomes_a_split(tmp_path: Path, write_image: Write) -> None:
    for split in ("Set_A", "2 b", "train"):
        write_image(tmp_path / split / "face" / f"{split}.png")
    assert {split for _, split, _ in items_of(tmp_path)} == {"set-a", "split-2-b", "train"}


def test_folders_that_are_not_read_are_named(tmp_path: Path, write_image: Write) -> None:
    for file in ("train/face/a.png", "train/skteches/a.png", "other/b.png", "empty/notes.txt"):
        write_image(tmp_path / file) if file.endswith("png") else (tmp_path / file).parent.mkdir()
    left_out = [item.name for item in Imagefolder(tmp_path).items() if isinstance(item, LeftOut)]
    assert sorted(left_out) == [str(tmp_path / "other"), str(tmp_path / "train/skteches")]
