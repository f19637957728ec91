import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.faces.manual_eyes import PathSuffixIndex, eyes_in_folder, face_of_eyes, read_rows

HEAD = "file,left_x,left_y,right_x,right_y\n"


def test_two_eyes_give_a_face() -> None:
    face = face_of_eyes((90, 50), (110, 50))
    assert face.confidence is None
    assert (face.left_eye, face.right_eye) == ((90, 50), (110, 50))
    assert face.left_corner[0] < 90 and face.right_corner[0] > 110
    with pytest.raises(ImageError, match="at the same point"):
        face_of_eyes((3, 3), (3, 3))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,x\n", "needs the columns"),
        (f"{HEAD}a.png,1,2,3\n", "line 2"),
        (f"{HEAD}a.png,1,2,3,4\na.png,1,2,3,x\n", "line 3"),
        (f"{HEAD}a.png,1,2,nan,4\n", "line 2"),
        (f"{HEAD}a.png,1,2,1e200,4\n", "line 2"),
        (f"{HEAD}{'a' * 300}.png,1,2,3,4\n", "line 2"),
        (f"{HEAD}a\0/b.png,1,2,3,4\n", "line 2"),
        (f"{HEAD}b.png,1,2,3,4\n", "no .*b.png"),
    ],
)
def test_invalid_tables_are_refused(tmp_path: Path, table: str, message: str) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    (tmp_path / "eyes.csv").write_text(table)
    with pytest.raises(DataError, match=message):
        eyes_in_folder(tmp_path / "eyes.csv", tmp_path)


def test_a_table_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    table = tmp_path / "eyes.csv"
    with pytest.raises(DataError, match=r"eyes\.csv: No such file") as missing:
        eyes_in_folder(table, tmp_path)
    assert str(missing.value).count("eyes.csv") == 1
    table.write_bytes(HEAD.encode("utf-16"))
    with pytest.raises(DataError, match="is not CSV in UTF-8"):
        eyes_in_folder(table, tmp_path)
    table.write_text(HEAD.replace(",", ";"))
    with pytest.raises(DataError, match="needs the columns") as separated:
        eyes_in_folder(table, tmp_path)
    assert "with commas" in separated.value.hint


def test_a_row_applies_to_every_image_with_that_path_suffix(tmp_path: Path) -> None:
    (tmp_path / "eyes.csv").write_text(f"{HEAD}photos/a.png,1,2,3,4\nb.png,5,6,7,8\nc.png,0,0,9,9\n")
    eyes = PathSuffixIndex(read_rows(tmp_path / "eyes.csv"))
    assert eyes.find(Path("/any/where/photos/a.png")) == ((1, 2), (3, 4))
    assert eyes.find(Path("sketches/a.png")) is None
    assert eyes.find(Path("more photos/a.png")) is None
    assert eyes.find(Path("/x/b.png")) == ((5, 6), (7, 8))
    assert eyes.unused() == {f"{tmp_path}/eyes.csv, line 4": "there is no image c.png"}


def test_unicode_forms_of_names_are_equal(tmp_path: Path) -> None:
    name, decomposed = "José.png", unicodedata.normalize("NFD", "José.png")
    table = tmp_path / "eyes.csv"
    table.write_text(f"file,left_x,left_y,right_x,right_y\n{name},1,2,3,4\n", encoding="utf-8")
    (tmp_path / decomposed).touch()
    index = PathSuffixIndex(read_rows(table))
    assert index.find(tmp_path / decomposed) == ((1, 2), (3, 4)) and not index.unused()
    assert list(eyes_in_folder(table, tmp_path).values()) == [((1, 2), (3, 4))]
