import json
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources.fs2k import Fs2k

Write = Callable[[Path], None]
ROW = {"image_name": "photo1/image0110", "hair_color": 2, "gender": 1, "earring": 1, "smile": 0, "style": 2}


def test_the_published_layout_is_read(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "photo/photo1/image0110.jpg")
    write_image(tmp_path / "sketch/sketch1/sketch0110.png")
    others = [
        {"image_name": "photo1/image9999"},
        {"image_name": "../../etc/passwd"},
        {"image_name": "x" * 300},
        {},
    ]
    (tmp_path / "anno_train.json").write_text("[]")
    (tmp_path / "anno_test.json").write_text(json.dumps([ROW, *others]))
    item, *left_out = Fs2k(tmp_path).items()
    assert isinstance(item, Item)
    assert (item.name, item.split, sorted(item.images)) == ("photo1-0110", "test", ["face", "sketch"])
    assert item.attributes == {
        "smiling": "yes",
        "earring": "no",
        "gender": "female",
        "hair_color": "red",
        "style": "3",
    }
    assert len(left_out) == 4
    assert all(isinstance(item, LeftOut) and "missing" in item.reason for item in left_out)


@pytest.mark.parametrize("content", ["{", "{}", "\x00"])
def test_broken_annotations_are_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "anno_train.json").write_text(content)
    with pytest.raises(DataError, match="anno_train"):
        list(Fs2k(tmp_path).items())


def test_a_folder_without_annotations_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither"):
        list(Fs2k(tmp_path).items())


def test_one_top_folder_of_any_name_is_passed(tmp_path: Path, write_image: Write) -> None:
    folder = tmp_path / "FS2K-main"
    write_image(folder / "photo/photo1/image0110.jpg")
    write_image(folder / "sketch/sketch1/sketch0110.bmp")
    (folder / "anno_test.json").write_text(json.dumps([{"image_name": "photo1/image0110"}]))
    (item,) = Fs2k(tmp_path).items()
    assert isinstance(item, Item) and len(item.images) == 2
