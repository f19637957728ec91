from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources.cufs import Cufs, pair_name


def write_image(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (20, 25), 128).save(file)


def test_published_names_pair_up_and_split(tmp_path: Path) -> None:
    for photo, sketch in [
        ("f-005-01", "f2-005-01-sz1"),
        ("m1-002-01", "M1-002-01-sz1"),
        ("m-071-01", "m-071-01"),
    ]:
        write_image(tmp_path / "photos" / f"{photo}.jpg")
        write_image(tmp_path / "sketches" / f"{sketch}.png")
    items = {item.name: item for item in Cufs(tmp_path).items() if isinstance(item, Item)}
    assert {name: item.split for name, item in items.items()} == {
        "f-005-01": "train",
        "m1-002-01": "test",
        "m-071-01": "test",
    }
    assert all(set(item.images) == {"face", "sketch"} for item in items.values())
    assert items["f-005-01"].attributes == {"sex": "female", "style": "cuhk"}


def test_a_name_that_contains_another_is_not_its_pair(tmp_path: Path) -> None:
    write_image(tmp_path / "photo" / "m-1.jpg")
    write_image(tmp_path / "sketch" / "m-11.jpg")
    assert [len(item.images) for item in Cufs(tmp_path).items() if isinstance(item, Item)] == [1, 1]


def test_a_list_in_the_folder_takes_precedence(tmp_path: Path) -> None:
    for name in ("f-005-01", "f-006-01"):
        write_image(tmp_path / "photos" / f"{name}.jpg")
        write_image(tmp_path / "sketches" / f"{name}.jpg")
    (tmp_path / "pairs.csv").write_text("name,split\nf-005-01,test\nf-006-01,train\n")
    assert [item.split for item in Cufs(tmp_path).items() if isinstance(item, Item)] == ["test", "train"]


def test_equal_names_are_left_out(tmp_path: Path) -> None:
    for name in ("one/f-005-01", "two/f-005-01", "f-006-01"):
        write_image(tmp_path / "photos" / f"{name}.jpg")
    write_image(tmp_path / "sketches" / "f-006-01.jpg")
    left_out = [item for item in Cufs(tmp_path).items() if isinstance(item, LeftOut)]
    assert len(left_out) == 2
    assert all("f-005-01" in item.reason for item in left_out)


def test_a_folder_without_sketches_is_an_error(tmp_path: Path) -> None:
    write_image(tmp_path / "photos" / "f-005-01.jpg")
    with pytest.raises(DataError, match="sketches"):
        list(Cufs(tmp_path).items())


def test_pair_names_are_normalised_from_published_file_names() -> None:
    assert pair_name("f2-005-01-sz1.jpg") == "f-005-01"
    assert pair_name("M1-002-01.JPG") == "m1-002-01"
    assert pair_name("anything else.png") == "anything else"


def test_lists_and_parts_in_the_folder_are_read(tmp_path: Path) -> None:
    for part, name in [("CUHK", "f-005-01"), ("AR", "m-001"), ("XM2VTS", "m-001")]:
        write_image(tmp_path / part / "photos" / f"{name}.jpg")
        write_image(tmp_path / part / "sketches" / f"{name}-sz1.jpg")
    (tmp_path / "train.txt").write_text("AR/photos/m-001.jpg\nCUHK/photos/f-005-01.jpg\n")
    (tmp_path / "test.txt").write_text("xm2vts/photos/m-001.jpg\n")
    source = Cufs(tmp_path)
    items = [item for item in source.items() if isinstance(item, Item)]
    assert [(item.name, item.split, item.part) for item in items] == [
        ("AR-m-001", "train", "AR"),
        ("CUHK-f-005-01", "train", "CUHK"),
        ("XM2VTS-m-001", "test", "XM2VTS"),
    ]
    assert [item.attributes["style"] for item in items] == ["ar", "cuhk", "xm2vts"]
    assert source.split_rule() == "cufs-2-1"


def write_pairs(folder: Path, count: int) -> Path:
    for number in range(count):
        write_image(folder / "photos" / f"{number}.png")
        write_image(folder / "sketches" / f"{number}.png")
    return folder


def people(items: list[Item], split: str) -> set[str]:
    return {item.name.split("-v")[0] for item in items if item.split == split}


def test_report_d_splits_versions_and_its_honest_variant_splits_people(tmp_path: Path) -> None:
    write_pairs(tmp_path, 20)
    leaky, honest = (
        [item for item in Cufs(tmp_path, protocol).items() if isinstance(item, Item)]
        for protocol in ("report-d", "report-d-honest")
    )
    assert len(leaky) == len(honest) == 160
    assert sum(item.split == "test" for item in leaky) == round(160 * 300 / 1504)
    assert people(leaky, "train") & people(leaky, "test")
    assert not people(honest, "train") & people(honest, "test")
    assert len(people(honest, "test")) == 4
    assert Cufs(tmp_path, "report-d").leaks()
    assert not Cufs(tmp_path, "report-d-honest").leaks()


def test_the_eight_versions_differ_and_photo_and_sketch_turn_together(tmp_path: Path) -> None:
    for domain in ("photos", "sketches"):
        (tmp_path / domain).mkdir()
        Image.frombytes("L", (3, 2), bytes(range(6))).save(tmp_path / domain / "a.png")
    versions = [item for item in Cufs(tmp_path, "report-d").items() if isinstance(item, Item)]
    pairs = [{domain: draw() for domain, draw in item.images.items() if callable(draw)} for item in versions]
    assert all(pair["face"].tobytes() == pair["sketch"].tobytes() for pair in pairs)
    assert len({(pair["face"].size, pair["face"].tobytes()) for pair in pairs}) == 8


@pytest.mark.parametrize("top", ["", "CUFS/", "a/b/"])
def test_one_top_folder_and_other_cases_are_read(tmp_path: Path, top: str) -> None:
    write_image(tmp_path / f"{top}Photos/f-005-01.jpg")
    write_image(tmp_path / f"{top}SKETCHES/f-005-01.jpg")
    (tmp_path / f"{top}pairs.csv").write_text("name,split\nf-005-01,test\n")
    (item,) = Cufs(tmp_path).items()
    assert isinstance(item, Item) and item.split == "test" and len(item.images) == 2


def test_a_part_without_photos_is_named(tmp_path: Path) -> None:
    for file in ("CUHK/photos/a.jpg", "CUHK/sketches/a.jpg", "AR/sketches/m-001.jpg"):
        write_image(tmp_path / file)
    (left_out,) = (item for item in Cufs(tmp_path).items() if isinstance(item, LeftOut))
    assert left_out.name == str(tmp_path / "AR")
