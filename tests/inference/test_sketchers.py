"""Models as sketchers: their names, their drawings, and data sets of them."""

import pickle
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from s2f_cli.core.errors import BundleError, MissingPart, RunError, S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.data.sketching import image_seed
from s2f_cli.inference.sketchers import find_styles
from s2f_cli.inference.translator import Translator


@pytest.fixture
def faces(drawing, tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(12):
        drawing(number, 20, 24).save(folder / f"{number}.png")
    return folder


def test_a_run_and_a_file_are_styles_called_after_them(tiny_run: Path, tmp_path: Path) -> None:
    file = shutil.copy(tiny_run / "model.safetensors", tmp_path / "mine.safetensors")
    styles = find_styles(f"xdog,{tiny_run},{file}")
    assert [style.name for style in styles] == ["xdog", tiny_run.name, "mine"]
    assert styles[1].version == styles[2].version


def test_a_sketch_is_the_translation_of_the_whole_photo_in_one_thread(tiny_run: Path, drawing) -> None:
    photo = drawing(1, 20, 24)
    (style,) = find_styles(str(tiny_run))
    threads = torch.get_num_threads()
    sketch = pickle.loads(pickle.dumps(style)).sketcher(photo, image_seed(0, "a"))
    assert torch.get_num_threads() == threads
    translator = Translator.open(tiny_run / "model.safetensors", "cpu")
    (expected,) = translator.translate([photo], "sketch")
    assert (sketch.mode, sketch.size) == ("L", photo.size)
    assert sketch.tobytes() == expected.tobytes()
    assert style.sketcher(photo.convert("L"), 0).size == photo.size


def test_what_is_no_sketcher_is_explained(here: Path, tiny_run: Path) -> None:
    with pytest.raises(MissingPart, match="no sketcher or model 'face-to-skech'") as error:
        find_styles("xdog,face-to-skech")
    assert "did you mean 'face-to-sketch'?" in error.value.hint and "freehand" in error.value.hint
    (here / "empty").mkdir()
    with pytest.raises(RunError, match="holds no model"):
        find_styles("empty")
    with pytest.raises(BundleError, match="cannot translate to sketch"):
        find_styles("sketch-to-face")
    with pytest.raises(BundleError, match="there is no model file"):
        find_styles("no.safetensors")


def test_the_styles_of_a_model(conditional_model: Path, drawing) -> None:
    assert [style.name for style in find_styles(f"{conditional_model}:all")] == ["fine", "bold"]
    assert find_styles(f"{conditional_model}") == find_styles(f"{conditional_model}:bold")
    fine, bold = find_styles(f"{conditional_model}:fine,{conditional_model}:all,{conditional_model}")
    photo = drawing(1)
    translator = Translator.open(conditional_model, "cpu")
    for style in (fine, bold):
        (expected,) = translator.translate([photo], "sketch", conditions={"style": style.name})
        assert style.sketcher(photo, 0).tobytes() == expected.tobytes()
    assert fine.sketcher(photo, 0).tobytes() != bold.sketcher(photo, 0).tobytes()
    with pytest.raises(S2FError, match="there is no style 'fin'"):
        find_styles(f"{conditional_model}:fin")


def test_a_model_without_styles_has_one(tiny_run: Path) -> None:
    assert find_styles(f"{tiny_run}:all") == find_styles(str(tiny_run))
    with pytest.raises(S2FError, match="has no styles"):
        find_styles(f"{tiny_run}:bold")


def test_a_model_and_a_filter_draw_a_data_set(s2f, faces: Path, tiny_run: Path, here: Path) -> None:
    names = f"{tiny_run},xdog"
    result = s2f("prepare", "folders", "--faces", faces, "--sketcher", names, "--drawings", 2)
    assert result.code == 0, result.err
    manifest = Manifest.read(here / "data")
    styles = {entry.name: entry.attributes["style"] for entry in manifest.entries}
    assert styles == {f"{n}-{s}": s for n in range(12) for s in ("xdog", tiny_run.name)}
    entry = next(e for e in manifest.entries if e.name == f"3-{tiny_run.name}")
    (style,) = find_styles(str(tiny_run))
    with Image.open(manifest.path(entry, "sketch")) as written, Image.open(faces / "3.png") as photo:
        assert written.tobytes() == style.sketcher(photo, 0).tobytes()


def test_sketchify_draws_with_a_model_and_shows_it(s2f, faces: Path, tiny_run: Path, here: Path) -> None:
    words = ["sketchify", faces, "-o", "drawn", "--sketcher", f"{tiny_run},xdog", "--preview", "sheet.png"]
    assert s2f(*words).code == 0
    (model,), (xdog,) = find_styles(str(tiny_run)), find_styles("xdog")
    drawn = set()
    for file in faces.iterdir():
        with Image.open(file) as photo, Image.open(here / "drawn" / file.name) as sketch:
            by = [s.name for s in (model, xdog) if s.sketcher(photo, 0).tobytes() == sketch.tobytes()]
        assert len(by) == 1
        drawn.add(by[0])
    assert drawn == {"xdog", tiny_run.name}
    with Image.open("sheet.png") as sheet:
        assert sheet.width == 6 * 260 + 4
