from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources.celeba import Celeba

Write = Callable[[Path], None]


def items_of(folder: Path) -> tuple[dict[str, Item], list[LeftOut]]:
    items = list(Celeba(folder).items())
    return {i.name: i for i in items if isinstance(i, Item)}, [i for i in items if isinstance(i, LeftOut)]


def test_the_tables_of_the_authors_are_read(tmp_path: Path, write_image: Write) -> None:
    for number in (1, 2, 3):
        write_image(tmp_path / "img_align_celeba" / f"00000{number}.jpg")
    (tmp_path / "Anno").mkdir()
    (tmp_path / "Eval").mkdir()
    (tmp_path / "Anno/list_attr_celeba.txt").write_text(
        "3\nMale Smiling \n000001.jpg -1  1\n000002.jpg  1 -1\n000003.jpg  1 1\n"
    )
    (tmp_path / "Anno/identity_CelebA.txt").write_text("000001.jpg 7\n000002.jpg 7\n000003.jpg 9\n")
    (tmp_path / "Eval/list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg 0\n000003.jpg 2\n")
    items, left_out = items_of(tmp_path)
    assert not left_out
    assert items["000001"].attributes == {"Male": "no", "Smiling": "yes"}
    assert [item.identity for item in items.values()] == ["7", "7", "9"]
    assert [item.split for item in items.values()] == ["train", "train", "test"]
    assert Celeba(tmp_path).split_rule() == "celeba-official"


def test_csv_tables_may_lack_rows_and_have_broken_ones(tmp_path: Path, write_image: Write) -> None:
    for number in (1, 2, 3, 4):
        write_image(tmp_path / "images" / f"{number}.jpg")
    (tmp_path / "attributes.csv").write_text("image_id,Male,Smiling\n1.jpg,1,-1\n3.jpg,1\n4.jpg,2,1\n")
    (tmp_path / "identity.csv").write_text("image_id,identity\n1.jpg,7\n")
    items, left_out = items_of(tmp_path)
    assert items["1"].attributes == {"Male": "yes", "Smiling": "no"}
    assert items["2"].attributes == items["3"].attributes == items["4"].attributes == {}
    assert items["2"].identity == "2"
    named = [line.name.rpartition("/")[2] for line in left_out]
    assert named == ["attributes.csv, line 3", "attributes.csv, 4.jpg"]
    assert not Celeba(tmp_path).split_rule()


def test_tables_are_optional(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "a.jpg")
    assert list(items_of(tmp_path)[0]) == ["a"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00broken\x80", b"name,Male\n1.jpg,1\n"])
def test_a_broken_table_is_named(tmp_path: Path, write_image: Write, content: bytes) -> None:
    write_image(tmp_path / "1.jpg")
    (tmp_path / "attributes.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"attributes\.csv"):
        items_of(tmp_path)


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no images"):
        items_of(tmp_path)


def test_the_tables_below_one_top_folder_are_read(tmp_path: Path, write_image: Write) -> None:
    write_image(tmp_path / "CelebA/Img/img_align_celeba/1.jpg")
    (tmp_path / "CelebA/Anno").mkdir()
    (tmp_path / "CelebA/Anno/identity_CelebA.txt").write_text("1.jpg 7\n")
    items, left_out = items_of(tmp_path)
    assert items["1"].identity == "7" and not left_out
