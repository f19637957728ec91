import unicodedata
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


def pairs(tmp_path: Path, faces: list[str], sketches: list[str]) -> dict[str, list[str]]:
    for domain, files in (("faces", faces), ("sketches", sketches)):
        for file in files:
            write_image(tmp_path / domain / file)
    items = Folders(tmp_path / "faces", tmp_path / "sketches").items()
    return {
        i.name: sorted(Path(str(f)).name for f in i.images.values()) for i in items if isinstance(i, Item)
    }


def test_unicode_forms_pair_and_are_one_person(tmp_path: Path) -> None:
    name = "José"
    decomposed = unicodedata.normalize("NFD", name)
    write_image(tmp_path / "faces" / f"{name}.png")
    write_image(tmp_path / "sketches" / f"{decomposed}.png")
    (item,) = Folders(tmp_path / "faces", tmp_path / "sketches").items()
    assert isinstance(item, Item)
    assert (item.name, item.identity, sorted(item.images)) == (name, name, ["face", "sketch"])


@pytest.mark.parametrize(
    ("face", "sketch"),
    [
        ("Anna.JPG", "anna.png"),
        ("anna.jpg", "anna_sketch.png"),
        ("anna-photo.jpg", "anna-sketch.png"),
        ("sub/anna.jpg", "ANNA Sketch.png"),
        ("photo1.jpg", "sketch1.png"),
    ],
)
def test_loosely_equal_names_pair(tmp_path: Path, face: str, sketch: str) -> None:
    (files,) = pairs(tmp_path, [face], [sketch]).values()
    assert files == sorted([Path(face).name, Path(sketch).name])


def test_an_exact_name_comes_first_and_a_guess_is_no_pair(tmp_path: Path) -> None:
    assert pairs(tmp_path, ["anna.png", "Anna.png"], ["anna.png", "anna_sketch.png"]) == {
        "Anna": ["Anna.png", "anna_sketch.png"],
        "anna": ["anna.png", "anna.png"],
    }
    two = pairs(tmp_path / "2", ["anna.png"], ["anna_sketch.png", "sketch_anna.png"])
    assert all(len(files) == 1 for files in two.values()) and len(two) == 3


def test_an_image_without_a_partner_names_the_nearest(tmp_path: Path) -> None:
    pairs(tmp_path, ["marie1.png", "b.png"], ["marie2.png", "b.png"])
    items = Folders(tmp_path / "faces", tmp_path / "sketches").items()
    notes = {item.name: item.note for item in items if isinstance(item, Item)}
    assert notes["b"] == ""
    assert str(tmp_path / "sketches/marie2.png") in notes["marie1"]
    assert str(tmp_path / "faces/marie1.png") in notes["marie2"]
    assert all(not item.note for item in Folders(tmp_path / "faces").items() if isinstance(item, Item))


@pytest.mark.parametrize(("outer", "inner"), [("faces", "sketches"), ("sketches", "faces")])
def test_a_folder_inside_the_other_is_not_part_of_it(tmp_path: Path, outer: str, inner: str) -> None:
    write_image(tmp_path / "a.png")
    write_image(tmp_path / "mine/a.png")
    folders = {outer: tmp_path, inner: tmp_path / "x/../mine"}
    (tmp_path / "x").mkdir()
    (item,) = Folders(**folders).items()
    assert isinstance(item, Item) and len(item.images) == 2


def test_one_folder_for_both_is_an_error(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png")
    with pytest.raises(DataError, match="and that of the sketches"):
        list(Folders(tmp_path, tmp_path).items())


def test_sketches_below_the_faces_are_left_out(tmp_path: Path) -> None:
    for file in ("a.png", "Sketches/a.png", "more/sketch/b.png"):
        write_image(tmp_path / file)
    items = list(Folders(tmp_path).items())
    assert [item.name for item in items if isinstance(item, Item)] == ["a"]
    assert sorted(Path(item.name).name for item in items if isinstance(item, LeftOut)) == [
        "Sketches",
        "sketch",
    ]


def test_a_prepared_set_below_the_folder_is_left_out(tmp_path: Path) -> None:
    for file in ("a.png", "data/train/face/b.png"):
        write_image(tmp_path / file)
    (tmp_path / "data/manifest.jsonl").touch()
    items = list(Folders(tmp_path).items())
    assert [item.name for item in items if isinstance(item, Item)] == ["a"]
    (left_out,) = (item for item in items if isinstance(item, LeftOut))
    assert left_out.name == str(tmp_path / "data")
