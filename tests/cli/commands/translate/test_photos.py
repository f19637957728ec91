"""`s2f translate` of whole photos: faces are found, aligned, translated and pasted back."""

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


def levels(file: str | Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image, int)


def changed(first: np.ndarray, second: np.ndarray) -> list[bool]:
    """Whether much of the left half differs, and of the right half."""
    return [bool((np.abs(half) > 2).mean() > 0.1) for half in np.hsplit(first - second, 2)]


def test_a_photo_gives_an_image_of_its_size(tiny, group: Path) -> None:
    assert tiny(group / "group.png", "-o", "all.png").code == 0
    assert tiny(group / "group.png", "-o", "one.png", "--faces", "largest").code == 0
    all_faces, largest = levels("all.png"), levels("one.png")
    assert all_faces.shape == largest.shape == (300, 640)
    assert not np.array_equal(all_faces, largest)


def test_an_image_without_a_face_is_translated_as_it_is(tiny, group: Path) -> None:
    assert tiny(group, "-o", "all").code == 0
    assert levels("all/nobody.sketch.png").shape == (80, 80)
    tiny(group / "nobody.png", "--no-align", "-o", "plain.png")
    assert np.array_equal(levels("plain.png"), levels("all/nobody.sketch.png"))


def test_no_align_translates_photos_as_they_are(tiny, group: Path) -> None:
    tiny(group / "group.png", "--no-align", "-o", "plain.png")
    tiny(group / "group.png", "-o", "aligned.png")
    assert levels("plain.png").shape == (300, 640)
    assert not np.array_equal(levels("plain.png"), levels("aligned.png"))


def test_faces_are_written_alone_with_paste_back_none(tiny, group: Path) -> None:
    words = (group / "group.png", "--paste-back", "none")
    result = tiny(*words, "--sheet", "sheet.png", "--json")
    records = [json.loads(line) for line in result.lines]
    assert records[0]["outputs"] == [str(group / f"group.sketch{n}.png") for n in ("", "-2")]
    assert len(records[0]["faces"]) == 2 and len(records[0]["faces"][0]["matrix"]) == 6
    assert records[1] == {"input": None, "outputs": ["sheet.png"]}
    assert levels(group / "group.sketch-2.png").shape == (20, 16)
    rest = tiny(group / "nobody.png")
    assert rest.lines == [str(group / "nobody.sketch.png")] and "nobody.png: " in rest.err
    tiny(*words, "-o", "one.png")
    both = [levels(group / f"group.sketch{n}.png") for n in ("", "-2")]
    assert min(np.abs(levels("one.png") - face).max() for face in both) <= 1


def test_an_image_without_a_face_fails_with_a_preset(tiny, group: Path) -> None:
    result = tiny(group, "--align", "ffhq", "--paste-back", "none", "-o", "results")
    assert (result.code, result.lines) == (1, [f"results/group.sketch{n}.png" for n in ("", "-2")])
    (line,) = result.left_out
    assert "nobody.png" in line and "no face was found" in line and "--align none" in line
    assert levels("results/group.sketch.png").shape == (16, 16)


@pytest.mark.parametrize(("faces", "count"), [("largest", 1), ("all", 2)])
def test_faces_are_pasted_onto_the_photo(translate, group: Path, faces: str, count: int) -> None:
    """Only the faces change. This also works if the card does not mention alignment."""
    words = (*SKETCH, group / "group.png", "--paste-back", "photo", "--faces", faces)
    assert translate(*words, "-o", "result.png").lines == ["result.png"]
    result, photo = levels("result.png"), levels(group / "group.png")
    assert result.shape == photo.shape
    assert np.array_equal(result[:, :20], photo[:, :20]) and np.array_equal(result[:, -10:], photo[:, -10:])
    assert sum(changed(result, photo)) == count
    content = (group / "group.png").read_bytes()
    piped = translate(*SKETCH, "-", *words[3:], stdin=content)
    assert np.array_equal(levels(io.BytesIO(piped.stdout)), result)


@pytest.mark.parametrize(("size", "shape"), [("full", (300, 640)), ("150", (150, 320)), ("model", (16, 16))])
def test_size_sets_the_size_of_a_whole_photo(tiny, group: Path, size: str, shape: tuple[int, int]) -> None:
    assert tiny(group / "group.png", "--size", size, "-o", "result.png").code == 0
    assert levels("result.png").shape == shape


@pytest.mark.parametrize(
    "words",
    [
        ("a.png", "--paste-back", "photo", "--size", "model"),
        ("a.png", "--paste-back", "translated", "--no-align"),
        ("a.png", "--no-align", "--align", "cufs"),
        ("-", "--align", "ffhq", "--faces", "all", "--paste-back", "none"),
    ],
)
def test_contradictory_options_are_wrong_usage(translate, here: Path, words: tuple[str, ...]) -> None:
    assert translate(*SKETCH, *words).code == 2
