from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item
from s2f_cli.data.sources.cufsf import Cufsf

Write = Callable[[Path], None]


def items_of(folder: Path) -> list[Item]:
    return [item for item in Cufsf(folder).items() if isinstance(item, Item)]


def test_sketches_without_photos_are_items(tmp_path: Path, write_image: Write) -> None:
    for name in ("00001", "00002"):
        write_image(tmp_path / "original_sketch" / f"{name}.jpg")
    named = [(item.name, list(item.images)) for item in items_of(tmp_path)]
    assert named == [("00001", ["sketch"]), ("00002", ["sketch"])]


@pytest.mark.parametrize("photo", ["00001fb010_930831.tif", "00001_930831_fb_a.ppm"])
def test_photos_pair_by_person(tmp_path: Path, write_image: Write, photo: str) -> None:
    write_image(tmp_path / "sketches/00001.jpg")
    write_image(tmp_path / "photo" / photo)
    write_image(tmp_path / "photo" / photo.replace("00001", "00009"))
    (item,) = items_of(tmp_path)
    assert (item.name, sorted(item.images)) == ("00001", ["face", "sketch"])


def test_the_list_says_which_photo_was_drawn(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "sketches/00001.jpg")
    for photo in ("00001fa010_930831", "00001fb010_930831", "00001fb010_940422"):
        write_image(tmp_path / "photo" / f"{photo}.tif")
    assert items_of(tmp_path) == []
    (tmp_path / "names_of_photos_used_for_drawing_sketches.txt").write_text("00001fb010_930831.tif\n\n")
    (item,) = items_of(tmp_path)
    assert Path(str(item.images["face"])).name == "00001fb010_930831.tif"


def test_a_folder_without_sketches_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sketches"):
        items_of(tmp_path)


def test_one_top_folder_is_passed(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "CUFSF/Original_Sketch/00001.jpg")
    write_image(tmp_path / "CUFSF/photo/00001fb010_930831.tif")
    (item,) = items_of(tmp_path)
    assert len(item.images) == 2
