from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources.folders import Folders


def write_image(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (10, 10)).save(file)


def test_equal_names_pair_and_single_images_are_kept(tmp_path: Path) -> None:
    for name in ("a.png", "deep/b.jpg"):
        write_image(tmp_path / "faces" / name)
    for name in ("b.png", "c.png"):
        write_image(tmp_path / "sketches" / name)
    items = [i for i in Folders(tmp_path / "faces", tmp_path / "sketches").items() if isinstance(i, Item)]
    assert [(i.name, sorted(i.images)) for i in items] == [
        ("a", ["face"]),
        ("b", ["face", "sketch"]),
        ("c", ["sketch"]),
    ]


def test_two_files_of_one_name_are_left_out_with_a_reason(tmp_path: Path) -> None:
    write_image(tmp_path / "one/a.png")
    write_image(tmp_path / "two/a.png")
    first, second = Folders(faces=tmp_path).items()
    assert isinstance(first, LeftOut)
    assert isinstance(second, LeftOut)
    assert "two/a.png" in first.reason and "'a'" in first.reason
    assert second.name.endswith("two/a.png")


def test_a_folder_with_images_is_required(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder was given"):
        list(Folders().items())
    with pytest.raises(DataError, match="holds no images"):
        list(Folders(faces=tmp_path).items())
