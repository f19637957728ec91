from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.errors import DataError
from s2f_cli.items import Item, LeftOut
from s2f_cli.sources.cufs import Cufs, student_name


def picture(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (20, 25), 128).save(file)


def test_published_names_pair_up_and_split(tmp_path: Path) -> None:
    for photo, sketch in [
        ("f-005-01", "f2-005-01-sz1"),
        ("m1-002-01", "M1-002-01-sz1"),
        ("m-071-01", "m-071-01"),
    ]:
        picture(tmp_path / "photos" / f"{photo}.jpg")
        picture(tmp_path / "sketches" / f"{sketch}.png")
    found = {item.name: item for item in Cufs(tmp_path).items() if isinstance(item, Item)}
    assert {name: item.split for name, item in found.items()} == {
        "f-005-01": "train",
        "m1-002-01": "test",
        "m-071-01": "test",
    }
    assert all(set(item.pictures) == {"face", "sketch"} for item in found.values())
    assert found["f-005-01"].attributes == {"sex": "female"}


def test_names_that_only_contain_each_other_are_no_pair(tmp_path: Path) -> None:
    picture(tmp_path / "photo" / "m-1.jpg")
    picture(tmp_path / "sketch" / "m-11.jpg")
    assert [len(item.pictures) for item in Cufs(tmp_path).items() if isinstance(item, Item)] == [1, 1]


def test_own_list_goes_first(tmp_path: Path) -> None:
    for name in ("f-005-01", "f-006-01"):
        picture(tmp_path / "photos" / f"{name}.jpg")
        picture(tmp_path / "sketches" / f"{name}.jpg")
    (tmp_path / "pairs.csv").write_text("name,split\nf-005-01,test\nf-006-01,train\n")
    assert [item.split for item in Cufs(tmp_path).items() if isinstance(item, Item)] == ["test", "train"]


def test_equal_names_are_left_out(tmp_path: Path) -> None:
    for name in ("one/f-005-01", "two/f-005-01", "f-006-01"):
        picture(tmp_path / "photos" / f"{name}.jpg")
    picture(tmp_path / "sketches" / "f-006-01.jpg")
    left = [found for found in Cufs(tmp_path).items() if isinstance(found, LeftOut)]
    assert len(left) == 2
    assert all("f-005-01" in found.reason for found in left)


def test_missing_folder(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "f-005-01.jpg")
    with pytest.raises(DataError, match="sketches"):
        list(Cufs(tmp_path).items())


def test_student_names() -> None:
    assert student_name(Path("f2-005-01-sz1.jpg")) == "f-005-01"
    assert student_name(Path("M1-002-01.JPG")) == "m1-002-01"
    assert student_name(Path("anything else.png")) == "anything else"
