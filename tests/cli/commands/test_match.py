"""`s2f match`: an index of a gallery, and a search in it."""

import json
from pathlib import Path

import pytest
from PIL import Image
from skimage import data as photos

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.sketchers.pencil import pencil

WARNING = "likeness is not identity"


@pytest.fixture
def gallery(here: Path) -> Path:
    """Two photos, and a drawing of one of them in `drawing.png`."""
    woman = Image.fromarray(photos.astronaut()).crop((120, 0, 330, 210))
    pencil(woman, 0).save("drawing.png")
    Path("people").mkdir()
    woman.save("people/woman.png")
    draw(looks(0, 0)).save("people/other.png")
    return Path("people")


def test_a_gallery_is_indexed_and_searched(s2f, gallery: Path) -> None:
    found = s2f("match", "drawing.png", "--gallery", gallery, "--json", "--sheet", "sheet.png")
    assert found.code == 0 and WARNING in found.err and "indexed faces: 2; photos: 2, 2 read" in found.err
    report = json.loads(found.out)
    assert [match["file"] for match in report["matches"]] == ["people/woman.png", "people/other.png"]
    assert [match["rank"] for match in report["matches"]] == [1, 2]
    assert Image.open("sheet.png").size == (524, 524)
    assert "compositeWithTrainedAlgorithmicMedia" in s2f("inspect", "sheet.png").out
    again = s2f("match", "index", gallery)
    assert again.lines == ["people/match-index.safetensors"] and "photos: 2, 0 read" in again.err
    table = s2f("match", "search", "--gallery", gallery, "drawing.png", "--top", "1").lines
    assert table[0].split() == ["rank", "similarity", "photo"] and "people/woman.png" in table[1]
    assert len(table) == 2


def test_files_without_a_face_are_left_out(s2f, here: Path) -> None:
    Path("people").mkdir()
    Image.new("RGB", (32, 32)).save("people/blank.png")
    indexed = s2f("match", "index", "people", "--index", "elsewhere.safetensors")
    assert indexed.code == 1 and "no face was found" in indexed.left_out[0]
    assert indexed.lines == ["elsewhere.safetensors"]
    searched = s2f("match", "people/blank.png", "--gallery", "people", "--index", "elsewhere.safetensors")
    assert searched.code == 1 and "holds no face" in searched.err


def test_help_names_both_commands(s2f) -> None:
    page = s2f("match", "--help").out
    assert "search" in page and "index" in page
    assert "--gallery" in s2f("match", "search", "--help").out
    assert s2f("match", "nobody.png").code == 2
