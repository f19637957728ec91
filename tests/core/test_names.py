"""File names that mean the same."""

import unicodedata
from pathlib import Path

import pytest

from s2f_cli.core.names import composed, folded, loose, nearest, same_on_disk


def test_unicode_forms_are_composed() -> None:
    assert composed(unicodedata.normalize("NFD", "Zoë Müller")) == "Zoë Müller"


@pytest.mark.parametrize(
    "name",
    [
        "Anna",
        "ANNA",
        "anna_sketch",
        "anna-photo",
        "Anna Sketch",
        "anna.face",
        "sketch_anna",
        "Photo-Anna",
        unicodedata.normalize("NFD", "anna"),
    ],
)
def test_names_of_one_person_are_loosely_equal(name: str) -> None:
    assert loose(name) == "anna"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo12", "12"),
        ("sketch12", "12"),
        ("sketch", "sketch"),
        ("_sketch", "_sketch"),
        ("annasketch", "annasketch"),
        ("photographer", "photographer"),
        ("Sub/Anna_Sketch", "sub/anna"),
    ],
)
def test_only_whole_words_are_ignored(name: str, expected: str) -> None:
    assert loose(name) == expected


def test_case_and_unicode_forms_are_one_file_on_some_disks(tmp_path: Path) -> None:
    one = {"Straße/É.png", "strasse/é.png", unicodedata.normalize("NFD", "STRASSE/é.PNG")}
    assert len(set(map(folded, one))) == 1
    assert same_on_disk(tmp_path / "Case")("A") == "A"
    (tmp_path / "Folds").mkdir()
    (tmp_path / "fOLDS").symlink_to("Folds")  # as on a disk that ignores case
    assert same_on_disk(tmp_path / "Folds" / "3" / "missing.png")("A") == "a"


def test_the_nearest_name() -> None:
    assert nearest("Marie-Curie", ["albert", "marie_curie2"]) == "marie_curie2"
    assert nearest("Marie", ["x", "y"]) == ""
    assert nearest("anna", [f"anna{number}" for number in range(3000)]) == ""
