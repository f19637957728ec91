"""`s2f translate` of whole photos: their faces found, aligned, translated, put back."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SKETCH = ("--to", "sketch")


@pytest.fixture
def tiny(s2f, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs `s2f translate` with a model whose card says how faces are aligned."""
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    (tmp_path / "about.toml").write_text('alignment = "cufs"')
    s2f("models", "add", tiny_run / "model.safetensors", "--name", "tiny", "--about", tmp_path / "about.toml")

    def run(*words: object, **options):
        return s2f("translate", "--model", "tiny", "--device", "cpu", *SKETCH, *words, **options)

    return run


def picture(file: str | Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image, int)


def changed(one: np.ndarray, other: np.ndarray) -> list[bool]:
    """Whether much of the left and of the right half differs."""
    return [bool((np.abs(half) > 2).mean() > 0.1) for half in np.hsplit(one - other, 2)]


def test_a_whole_photo_gives_a_picture_of_its_size(tiny, group: Path) -> None:
    assert tiny(group / "group.png", "-o", "all.png").code == 0
    assert tiny(group / "group.png", "-o", "one.png", "--faces", "largest").code == 0
    every, one = picture("all.png"), picture("one.png")
    assert every.shape == one.shape == (300, 640)
    assert not np.array_equal(every, one)


def test_what_holds_no_face_and_an_aligned_face_are_taken_as_they_are(tiny, group: Path) -> None:
    assert tiny(group, "-o", "all").code == 0
    assert picture("all/nobody.sketch.png").shape == (80, 80)
    tiny(group / "nobody.png", "--no-align", "-o", "plain.png")
    assert np.array_equal(picture("plain.png"), picture("all/nobody.sketch.png"))


def test_ready_crops(tiny, group: Path) -> None:
    tiny(group / "group.png", "--no-align", "-o", "plain.png")
    tiny(group / "group.png", "-o", "aligned.png")
    assert picture("plain.png").shape == (300, 640)
    assert not np.array_equal(picture("plain.png"), picture("aligned.png"))


def test_the_faces_alone(tiny, group: Path) -> None:
    words = (group / "group.png", "--paste-back", "none")
    result = tiny(*words, "--faces", "all", "--sheet", "sheet.png", "--json")
    records = [json.loads(line) for line in result.lines]
    assert records[0]["outputs"] == [str(group / f"group.sketch{n}.png") for n in ("", "-2")]
    assert len(records[0]["faces"]) == 2 and len(records[0]["faces"][0]["matrix"]) == 6
    assert records[1] == {"input": None, "outputs": ["sheet.png"]}
    assert picture(group / "group.sketch-2.png").shape == (20, 16)
    assert tiny(group).lines == [str(group / "nobody.sketch.png")]
    tiny(*words, "-o", "one.png")
    both = [picture(group / f"group.sketch{n}.png") for n in ("", "-2")]
    assert min(np.abs(picture("one.png") - one).max() for one in both) <= 1


def test_a_preset_leaves_out_what_has_no_face(tiny, group: Path) -> None:
    result = tiny(group, "--align", "ffhq", "--paste-back", "none", "-o", "made")
    assert (result.code, result.lines) == (1, ["made/group.sketch.png"])
    (line,) = result.left_out
    assert "nobody.png" in line and "no face was found" in line and "--align none" in line
    assert picture("made/group.sketch.png").shape == (16, 16)


@pytest.mark.parametrize(("faces", "count"), [("largest", 1), ("all", 2)])
def test_a_face_is_put_back_into_its_photo(translate, group: Path, faces: str, count: int) -> None:
    """Also with a model whose card says nothing of faces; what is around them stays."""
    words = (*SKETCH, group / "group.png", "--paste-back", "photo", "--faces", faces)
    assert translate(*words, "-o", "made.png").lines == ["made.png"]
    made, photo = picture("made.png"), picture(group / "group.png")
    assert made.shape == photo.shape
    assert np.array_equal(made[:, :20], photo[:, :20]) and np.array_equal(made[:, -10:], photo[:, -10:])
    assert sum(changed(made, photo)) == count
    given = (group / "group.png").read_bytes()
    piped = translate(*SKETCH, "-", *words[3:], stdin=given)
    assert np.array_equal(picture(io.BytesIO(piped.stdout)), made)


@pytest.mark.parametrize(("size", "shape"), [("full", (300, 640)), ("150", (150, 320)), ("model", (16, 16))])
def test_sizes_of_a_whole_photo(tiny, group: Path, size: str, shape: tuple[int, int]) -> None:
    assert tiny(group / "group.png", "--size", size, "-o", "made.png").code == 0
    assert picture("made.png").shape == shape


@pytest.mark.parametrize(
    "words",
    [
        ("a.png", "--paste-back", "photo", "--size", "model"),
        ("a.png", "--paste-back", "translated", "--no-align"),
        ("a.png", "--no-align", "--align", "cufs"),
        ("-", "--align", "ffhq", "--faces", "all", "--paste-back", "none"),
    ],
)
def test_faces_that_fit_nowhere(translate, here: Path, words: tuple[str, ...]) -> None:
    assert translate(*SKETCH, *words).code == 2
