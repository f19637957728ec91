"""Plans of which image becomes which file."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import images, made_with
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.output_tree import OutputPlan, plan

NOTE = made_with.note("draw", seed=0)


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (2, 2)).save(file)


@pytest.fixture
def mirror(here: Path):
    """Plans the results in `out` of images in the folder `in`, or of other inputs."""

    def run(*inputs: str, output: str | None = "out", **options) -> OutputPlan:
        return plan([Path(name) for name in inputs or ["in"]], output and Path(output), "sketch", **options)

    return run


def pairs(planned: OutputPlan) -> list[tuple[str, str]]:
    return [(source.as_posix(), target.as_posix()) for source, target, _ in planned]


def test_subfolders_are_mirrored(mirror) -> None:
    write(Path("in/b.jpg"), Path("in/sub/a.png"))
    Path("in/notes.txt").write_text("no image")
    planned = mirror()
    assert pairs(planned) == [("in/b.jpg", "out/b.png"), ("in/sub/a.png", "out/sub/a.png")]
    assert [task.name for task in planned] == ["b.jpg", "sub/a.png"]
    assert len(planned) == 2 and planned.existing == 0 and not planned.conflicts


def test_files_and_wildcards_are_taken_beside_folders(mirror) -> None:
    write(Path("in/a.jpg"), Path("one/b.jpg"), Path("two/c.jpg"), Path("two/d.png"))
    planned = mirror("in", "one/b.jpg", "two/*.jpg", "none.jpg")
    assert pairs(planned) == [
        ("in/a.jpg", "out/a.png"),
        ("one/b.jpg", "out/b.png"),
        ("two/c.jpg", "out/c.png"),
    ]
    assert planned.unusable == {"none.jpg": "there is no such file or folder"}


def test_without_an_output_results_are_beside_their_images_and_no_inputs(mirror) -> None:
    write(Path("in/a.jpg"), Path("in/a.sketch.png"), Path("in/a.sketch-2.png"))
    assert pairs(mirror(output=None, overwrite=True)) == [("in/a.jpg", "in/a.sketch.png")]
    assert pairs(mirror("in/a.sketch.png", output=None)) == [("in/a.sketch.png", "in/a.sketch.sketch.png")]


def test_a_file_named_by_hand_is_replaced_and_takes_one_image(mirror) -> None:
    write(Path("in/a.jpg"), Path("out.png"))
    assert pairs(mirror("in/a.jpg", output="out.png", note=NOTE)) == [("in/a.jpg", "out.png")]
    write(Path("in/b.jpg"))
    with pytest.raises(ImageError, match=r"out\.png is one file, but there are 2 images"):
        mirror(output="out.png")
    assert "would overwrite it" in mirror("out.png", output="out.png").conflicts["out.png"]


@pytest.fixture
def folding(here: Path) -> str:
    """A folder that looks as if its disk ignored case."""
    Path("Out").mkdir()
    Path("oUT").symlink_to("Out")
    return "Out"


def test_names_that_are_one_on_the_disk_of_the_output_conflict(mirror, folding: str) -> None:
    write(Path("in/Anna.jpg"), Path("in/anna.jpg"), Path("in/bo.jpg"))
    planned = mirror(output=folding)
    assert pairs(planned) == [("in/Anna.jpg", "Out/Anna.png"), ("in/bo.jpg", "Out/bo.png")]
    assert list(planned.conflicts) == ["in/anna.jpg"]
    assert len(mirror(output="other")) == 3


@pytest.mark.parametrize("overwrite", [False, True])
def test_existing_results_are_kept_unless_overwritten_or_empty(overwrite: bool, mirror) -> None:
    write(*(Path(f"in/{name}.png") for name in "abc"), Path("out/a.png"))
    Path("out/b.png").touch()
    planned = mirror(overwrite=overwrite)
    assert [target for _, target in pairs(planned)] == (["out/a.png"] if overwrite else []) + [
        "out/b.png",
        "out/c.png",
    ]
    assert planned.existing == (0 if overwrite else 1)


def test_results_of_other_settings_are_made_again_but_files_without_a_note_are_kept(mirror) -> None:
    write(*(Path(f"in/{name}.png") for name in "abc"), Path("out/c.png"))
    for name, note in (("a", NOTE), ("b", made_with.note("draw", seed=1))):
        images.write(Image.new("L", (2, 2)), Path(f"out/{name}.png"), note=note)
    planned = mirror(note=NOTE)
    assert pairs(planned) == [("in/b.png", "out/b.png")]
    assert (planned.existing, planned.unknown) == (1, 1)


def test_images_with_the_same_result_conflict(mirror) -> None:
    write(Path("in/a.bmp"), Path("in/a.jpg"))
    planned = mirror()
    assert pairs(planned) == [("in/a.bmp", "out/a.png")]
    assert "would overwrite that of in/a.bmp" in planned.conflicts["in/a.jpg"]


@pytest.mark.parametrize("numbered", [False, True])
def test_a_numbered_name_conflicts_only_with_numbered_results(numbered: bool, mirror) -> None:
    write(*(Path(f"in/{name}.png") for name in ("a", "a-2", "b-2")))
    planned = mirror(numbered=numbered)
    assert list(planned.conflicts) == (["in/a-2.png"] if numbered else [])
    assert len(planned) == (2 if numbered else 3)


def test_the_output_folder_is_not_an_input(mirror) -> None:
    write(Path("a.png"), Path("out/b.png"))
    assert pairs(mirror(".")) == [("a.png", "out/a.png")]


def test_a_sample_is_evenly_spaced(mirror) -> None:
    write(*(Path(f"in/{number}.png") for number in range(9)), Path("out/0.png"))
    planned = mirror()
    assert [file.stem for file in planned.sample(3)] == ["0", "3", "6"]
    assert len(planned.sample(100)) == 9


@pytest.mark.parametrize(
    ("name", "message"),
    [("none", "no file or folder"), ("empty", "holds no images"), ("a.zip", "is an archive")],
)
def test_an_only_input_without_an_image_is_an_error(name: str, message: str, mirror) -> None:
    Path("empty").mkdir()
    Path("a.zip").touch()
    inputs: Sequence[str] = [name]
    with pytest.raises(ImageError, match=message):
        mirror(*inputs)


def test_the_input_folder_is_no_output(mirror) -> None:
    write(Path("in/a.png"))
    with pytest.raises(DataError, match="itself"):
        mirror(output="in")
