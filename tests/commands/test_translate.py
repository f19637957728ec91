"""`s2f translate` as a person runs it."""

import io
import os
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli import images
from s2f_cli.translator import Translator


@pytest.fixture
def sketches(here: Path, drawing) -> Path:
    """The folder `sketches` with anna.png and bo.jpg, of different sizes and shapes."""
    (here / "sketches").mkdir()
    drawing(1, 40, 24).convert("L").save(here / "sketches/anna.png")
    drawing(2, 16, 16).convert("L").save(here / "sketches/bo.jpg")
    return here / "sketches"


@pytest.fixture
def translate(s2f, tiny_run: Path):
    """Runs `s2f translate` with the tiny model on the CPU."""

    def run(*arguments: object, **options):
        return s2f("translate", "--model", tiny_run, "--device", "cpu", *arguments, **options)

    return run


def test_writes_beside_each_file(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "sketches/bo.jpg")
    assert result.code == 0, result.err
    assert result.lines == ["sketches/anna.face.png", "sketches/bo.face.png"]
    for name, size in (("anna", (40, 24)), ("bo", (16, 16))):
        with Image.open(sketches / f"{name}.face.png") as made:
            assert (made.size, made.mode) == (size, "RGB")


def test_makes_what_the_model_makes(translate, sketches: Path, tiny_run: Path) -> None:
    translate("--to", "face", "sketches/anna.png")
    translator = Translator.open(tiny_run / "model.safetensors", "cpu")
    (expected,) = translator.translate([images.read(sketches / "anna.png")], "face")
    with Image.open(sketches / "anna.face.png") as made:
        assert np.array_equal(made, expected)


def test_both_ways(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches/anna.png")
    result = translate("--to", "sketch", "sketches/anna.face.png")
    assert result.lines == ["sketches/anna.face.sketch.png"]
    with Image.open(sketches / "anna.face.sketch.png") as made:
        assert (made.size, made.mode) == ((40, 24), "L")


def test_one_file_to_one_file(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches/anna.png", "-o", "deep/er/anna.jpg")
    assert result.lines == ["deep/er/anna.jpg"]
    with Image.open("deep/er/anna.jpg") as made:
        assert made.format == "JPEG"


def test_one_file_for_many_is_refused(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "-o", "all.png")
    assert result.code == 1
    assert "all.png is one file, but there are 2 images" in result.err and "folder" in result.err
    assert not Path("all.png").exists()


def test_a_folder_is_mirrored(translate, sketches: Path, drawing) -> None:
    (sketches / "more/deep").mkdir(parents=True)
    drawing(3).save(sketches / "more/deep/anna.png")
    (sketches / "notes.txt").write_text("no image")
    (sketches / ".hidden").mkdir()
    drawing(4).save(sketches / ".hidden/carl.png")
    result = translate("--to", "face", "sketches", "-o", "made")
    assert result.code == 0
    assert sorted(result.lines) == ["made/anna.face.png", "made/bo.face.png", "made/more/deep/anna.face.png"]
    assert sorted(p.as_posix() for p in Path("made").rglob("*.png")) == sorted(result.lines)


def test_what_is_there_is_skipped_unless_told(translate, sketches: Path) -> None:
    (sketches / "anna.face.png").write_bytes(b"mine")
    result = translate("--to", "face", "sketches")
    assert result.code == 0
    assert result.lines == ["sketches/bo.face.png"]
    assert "1 results are there already (--overwrite makes them anew)" in result.err
    assert (sketches / "anna.face.png").read_bytes() == b"mine"
    again = translate("--to", "face", "sketches", "--overwrite")
    assert len(again.lines) == 2
    with Image.open(sketches / "anna.face.png") as made:
        assert made.size == (40, 24)


def test_its_own_results_are_not_translated_again(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches")
    before = sorted(sketches.iterdir())
    assert translate("--to", "face", "sketches", "--overwrite").code == 0
    assert sorted(sketches.iterdir()) == before


def test_a_pattern_that_no_shell_expanded(translate, sketches: Path) -> None:
    assert translate("--to", "face", "sketches/*.png").lines == ["sketches/anna.face.png"]


def test_stdin_to_stdout(translate, sketches: Path) -> None:
    given = (sketches / "anna.png").read_bytes()
    result = translate("--to", "face", "-", stdin=given)
    assert result.code == 0, result.err
    translate("--to", "face", "sketches/anna.png")
    with Image.open(io.BytesIO(result.stdout)) as piped, Image.open(sketches / "anna.face.png") as made:
        assert piped.format == "PNG" and np.array_equal(piped, made)


def test_stdin_to_a_file(translate, sketches: Path) -> None:
    result = translate("--to", "face", "-", "-o", "made.png", stdin=(sketches / "anna.png").read_bytes())
    assert result.lines == ["made.png"] and Path("made.png").is_file()


def test_stdin_stands_alone(translate, sketches: Path) -> None:
    assert translate("--to", "face", "-", "sketches/anna.png").code == 2


def test_a_sheet_shows_inputs_beside_results(translate, sketches: Path) -> None:
    result = translate("--to", "face", "sketches", "-o", "made", "--sheet", "sheet.png")
    assert result.lines[-1] == "sheet.png"
    with Image.open("sheet.png") as sheet:
        assert sheet.width == 2 * (16 + 4) + 4 and sheet.height > 2 * (16 + 4)


def test_the_size_that_training_saw(translate, sketches: Path) -> None:
    translate("--to", "face", "sketches/anna.png", "--size", "model")
    with Image.open(sketches / "anna.face.png") as made:
        assert made.size == (16, 16)


def test_the_newest_run_that_has_the_direction(
    s2f, sketches: Path, tiny_run: Path, tiny_recipe: Path, data: Path
) -> None:
    common = ("--steps", 1, "--data", data, "--device", "cpu")
    assert s2f("train", tiny_recipe, *common).code == 0
    one_way = ("directions.face=[]", "weights={sketch = 1.0}", "image.size=16", "image.channels.sketch=1")
    one_way += ("networks.to_sketch.out_channels=1", "batch_size=2")
    assert s2f("train", "conv-ae", *(word for one in one_way for word in ("--set", one)), *common).code == 0
    for to, run in (("face", "0001-tiny"), ("sketch", "0002-conv-ae")):
        result = s2f("translate", "--to", to, "sketches/anna.png", "--device", "cpu")
        assert result.code == 0
        assert f"using the model runs/{run}/model.safetensors" in result.err
    now = time.time() + 10
    os.utime("runs/0001-tiny/model.safetensors", (now, now))
    result = s2f("translate", "--to", "sketch", "sketches/bo.jpg", "--device", "cpu")
    assert "using the model runs/0001-tiny/model.safetensors" in result.err
    refused = s2f(
        "translate", "--to", "face", "sketches/bo.jpg", "--model", "runs/0002-conv-ae", "--device", "cpu"
    )
    assert refused.code == 1
    assert "this conv-ae model cannot translate to face, only to sketch" in refused.err


def test_the_model_that_comes_with_s2f_answers_where_there_is_no_run(s2f, sketches: Path) -> None:
    for to in ("face", "sketch"):
        result = s2f("translate", "--to", to, "sketches/anna.png", "--device", "cpu")
        assert result.code == 0 and f"-to-{to}.safetensors" in result.err
        with Image.open(f"sketches/anna.{to}.png") as made, Image.open("sketches/anna.png") as given:
            assert (made.size, made.mode) == (given.size, "RGB" if to == "face" else "L")


def test_without_a_model(s2f, sketches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s2f_cli.store.SHIPPED", sketches)
    result = s2f("translate", "--to", "face", "sketches/anna.png")
    assert result.code == 1
    assert "there is no trained model in runs that can translate to face" in result.err
    assert "s2f train" in result.err


def test_more_images_than_a_batch_keep_their_names(translate, here: Path, drawing) -> None:
    for number in range(11):
        drawing(number, 16 + 4 * (number % 3), 16).convert("L").save(here / f"{number:02}.png")
    together = translate("--to", "face", ".", "-o", "together")
    assert together.code == 0 and len(together.lines) == 11
    for number in range(11):
        translate("--to", "face", f"{number:02}.png", "-o", "alone")
        name = f"{number:02}.face.png"
        with Image.open(Path("together", name)) as one, Image.open(Path("alone", name)) as other:
            assert np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 1


@pytest.fixture
def group(here: Path) -> Path:
    """A photo of two drawn faces, and one of nobody."""
    from s2f_cli.sources._drawn_face import draw
    from s2f_cli.sources._looks import looks

    photo = Image.new("RGB", (640, 300), "gray")
    for number in (0, 1):
        photo.paste(draw(looks(0, number)), (20 + 330 * number, 20))
    (here / "photos").mkdir()
    photo.save(here / "photos/group.png")
    Image.new("RGB", (80, 80), "gray").save(here / "photos/nobody.png")
    return here / "photos"


def test_a_face_is_found_and_translated_alone(translate, group: Path) -> None:
    result = translate("--to", "sketch", "photos", "--align", "cufs", "-o", "made")
    assert (result.code, result.lines) == (1, ["made/group.sketch.png"])
    (line,) = result.left_out
    assert "nobody.png" in line and "no face was found" in line and "--align none" in line
    with Image.open("made/group.sketch.png") as made:
        assert (made.size, made.mode) == ((16, 20), "L")


def test_a_model_s_card_says_how_faces_are_aligned(
    s2f, group: Path, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds no face is taken as it is, and so is all with --no-align."""
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    (tmp_path / "about.toml").write_text('alignment = "cufs"')
    s2f("models", "add", tiny_run / "model.safetensors", "--name", "tiny", "--about", tmp_path / "about.toml")
    sizes = {(): (16, 20), ("--no-align",): (640, 300), ("--align", "ffhq"): (16, 16)}
    for words, size in sizes.items():
        made = s2f(
            "translate", "--model", "tiny", "--to", "sketch", group / "group.png", "-o", "m.png", *words
        )
        assert made.code == 0, made.err
        with Image.open("m.png") as image:
            assert image.size == size
        Path("m.png").unlink()
    assert s2f("translate", "--model", "tiny", "--to", "sketch", group, "-o", "all").code == 0
    with Image.open("all/nobody.sketch.png") as image:
        assert image.size == (80, 80)


def test_all_faces_have_a_number(translate, group: Path) -> None:
    words = ("--to", "sketch", group / "group.png", "--align", "report-b", "--faces", "all")
    result = translate(*words, "--sheet", "sheet.png")
    assert result.lines == [str(group / f"group.sketch{n}.png") for n in ("", "-2")] + ["sheet.png"]
    again = translate("--to", "sketch", group)
    assert again.lines == [str(group / "nobody.sketch.png")]


@pytest.mark.parametrize("faces", ["largest", "all"])
def test_a_face_is_put_back_into_its_photo(translate, group: Path, faces: str) -> None:
    words = ("--to", "sketch", group / "group.png", "--paste-back", "--faces", faces)
    assert translate(*words, "-o", "made.png").lines == ["made.png"]
    with Image.open("made.png") as made, Image.open(group / "group.png") as photo:
        assert (made.size, made.mode) == (photo.size, "RGB")
        changed = np.abs(np.asarray(made, int) - np.asarray(photo, int)).max(axis=2) > 0
    assert not changed[:, :20].any() and not changed[:, -10:].any()
    halves = sum(bool(half.mean() > 0.2) for half in np.hsplit(changed, 2))
    assert halves == (2 if faces == "all" else 1)
    piped = translate("--to", "sketch", "-", *words[3:], stdin=(group / "group.png").read_bytes())
    assert Image.open(io.BytesIO(piped.stdout)).tobytes() == Image.open("made.png").tobytes()


@pytest.mark.parametrize(
    "words", [("a.png", "--paste-back", "--size", "model"), ("-", "--align", "ffhq", "--faces", "all")]
)
def test_faces_that_fit_nowhere(translate, here: Path, words: tuple[str, ...]) -> None:
    assert translate("--to", "face", *words).code == 2
