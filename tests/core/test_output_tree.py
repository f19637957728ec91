"""Plans that map the images of a folder to PNGs in the output folder."""

from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.output_tree import MirrorPlan, mirror


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(file)


def pairs(plan: MirrorPlan) -> list[tuple[str, str]]:
    return [
        (source.relative_to(plan.folder).as_posix(), target.relative_to(plan.output).as_posix())
        for source, target in plan
    ]


@pytest.fixture
def folding(tmp_path: Path) -> Path:
    """A folder that looks as if its disk ignored case."""
    (tmp_path / "Out").mkdir()
    (tmp_path / "oUT").symlink_to("Out")
    return tmp_path / "Out"


def test_names_that_are_one_on_the_disk_of_the_output_conflict(tmp_path: Path, folding: Path) -> None:
    write(tmp_path / "in/Anna.jpg", tmp_path / "in/anna.jpg", tmp_path / "in/bo.jpg")
    plan = mirror(tmp_path / "in", folding, overwrite=False)
    assert pairs(plan) == [("Anna.jpg", "Anna.png"), ("bo.jpg", "bo.png")]
    assert list(plan.conflicts) == [str(tmp_path / "in/anna.jpg")]
    assert len(mirror(tmp_path / "in", tmp_path / "other", overwrite=False)) == 3


def test_subfolders_are_mirrored(tmp_path: Path) -> None:
    write(tmp_path / "in/b.jpg", tmp_path / "in/sub/a.png")
    (tmp_path / "in/notes.txt").write_text("no image")
    plan = mirror(tmp_path / "in", tmp_path / "out", overwrite=False)
    assert pairs(plan) == [("b.jpg", "b.png"), ("sub/a.png", "sub/a.png")]
    assert len(plan) == 2 and plan.existing == 0 and not plan.conflicts


@pytest.mark.parametrize("overwrite", [False, True])
def test_existing_pngs_are_kept_unless_overwritten_or_empty(overwrite: bool, tmp_path: Path) -> None:
    write(*(tmp_path / f"in/{name}.png" for name in "abc"), tmp_path / "out/a.png")
    (tmp_path / "out/b.png").touch()
    plan = mirror(tmp_path / "in", tmp_path / "out", overwrite)
    assert [target for _, target in pairs(plan)] == (["a.png"] if overwrite else []) + ["b.png", "c.png"]
    assert plan.existing == (0 if overwrite else 1)


def test_images_with_the_same_png_conflict(tmp_path: Path) -> None:
    write(tmp_path / "in/a.bmp", tmp_path / "in/a.jpg")
    plan = mirror(tmp_path / "in", tmp_path / "out", overwrite=False)
    assert pairs(plan) == [("a.bmp", "a.png")]
    assert "would overwrite that of" in plan.conflicts[str(tmp_path / "in/a.jpg")]


@pytest.mark.parametrize("numbered", [False, True])
def test_a_numbered_name_conflicts_only_with_numbered_results(numbered: bool, tmp_path: Path) -> None:
    write(*(tmp_path / f"in/{name}.png" for name in ("a", "a-2", "b-2")))
    plan = mirror(tmp_path / "in", tmp_path / "out", overwrite=False, numbered=numbered)
    assert list(plan.conflicts) == ([str(tmp_path / "in/a-2.png")] if numbered else [])
    assert len(plan) == (2 if numbered else 3)


def test_the_output_folder_is_not_an_input(tmp_path: Path) -> None:
    write(tmp_path / "a.png", tmp_path / "out/b.png")
    assert pairs(mirror(tmp_path, tmp_path / "out", overwrite=False)) == [("a.png", "a.png")]


def test_a_sample_is_evenly_spaced(tmp_path: Path) -> None:
    write(*(tmp_path / f"in/{number}.png" for number in range(9)), tmp_path / "out/0.png")
    plan = mirror(tmp_path / "in", tmp_path / "out", overwrite=False)
    assert [file.stem for file in plan.sample(3)] == ["0", "3", "6"]
    assert len(plan.sample(100)) == 9


def test_unusable_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no folder"):
        mirror(tmp_path / "none", tmp_path / "out", overwrite=False)
    with pytest.raises(ImageError, match="holds no images"):
        mirror(tmp_path, tmp_path / "out", overwrite=False)
    with pytest.raises(DataError, match="itself"):
        mirror(tmp_path, tmp_path, overwrite=False)
