import pytest
from PIL import Image

from s2f_cli import images
from s2f_cli.errors import BundleError, DataError, ImageError, RunError
from s2f_cli.evaluation import selection, subjects
from s2f_cli.evaluation.subjects import FolderSubject, ModelSubject, Skipped
from s2f_cli.translator import Translator


def test_a_model_is_scored_on_the_square_that_it_makes(data, model):
    pairs, name = subjects.pairs_of_data(data, "test")
    assert name.startswith("noise test, 3 pairs, ")
    translator = Translator.open(model, "cpu")
    subject = ModelSubject("m", translator, "sketch", pairs, name)
    assert (subject.direction, len(subject)) == ("face → sketch", 3)
    samples = list(subject.samples())
    assert [s.name for s in samples] == ["a", "b", "c"]
    face, sketch = (images.read(pairs[0].files[d]) for d in ("face", "sketch"))
    (expected,) = translator.translate([face], "sketch", size="model")
    assert samples[0].generated.tobytes() == expected.tobytes()
    assert samples[0].reference.tobytes() == translator.fit(sketch, "sketch").tobytes()
    assert samples[0].generated.size == samples[0].reference.size == (16, 16)


def test_a_damaged_image_is_skipped(data, model):
    (data / "test/sketch/b.png").write_bytes(b"")
    pairs, name = subjects.pairs_of_data(data, "test")
    found = list(ModelSubject("m", Translator.open(model, "cpu"), "face", pairs, name).samples())
    assert sorted(s.name for s in found) == ["a", "b", "c"]
    (skipped,) = [s for s in found if isinstance(s, Skipped)]
    assert skipped.name == "b" and "is empty" in skipped.reason


def test_a_split_without_pairs_names_the_splits(data):
    with pytest.raises(DataError, match="'valid'") as caught:
        subjects.pairs_of_data(data, "valid")
    assert "test, train" in caught.value.hint


def _folder(folder, names):
    folder.mkdir()
    for name in names:
        Image.new("RGB", (8, 8)).save(folder / name)
    return folder


def test_folders_yield_pairs_then_what_stands_alone(tmp_path):
    generated = _folder(tmp_path / "gen", ["a.png", "b.png"])
    reference = _folder(tmp_path / "ref", ["a.png", "c.png"])
    subject = FolderSubject(generated, reference, paired=True)
    found = list(subject.samples())
    assert [type(f).__name__ for f in found] == ["Sample", "Skipped", "Sample", "Skipped", "Sample"]
    assert found[0].generated is not None and found[0].reference is not None
    assert found[2].reference is None and found[4].generated is None
    assert len(subject) == 3


def test_folders_need_no_equal_names_for_sets(tmp_path):
    generated = _folder(tmp_path / "gen", ["a.png"])
    reference = _folder(tmp_path / "ref", ["z.png"])
    (subject,) = selection.select_folders(generated, reference, paired=False)
    assert [(s.generated is None, s.reference is None) for s in subject.samples()] == [
        (False, True),
        (True, False),
    ]
    with pytest.raises(DataError, match="has the name of one"):
        selection.select_folders(generated, reference, paired=True)


def test_faces_and_sketches_of_two_folders_pair(tmp_path):
    faces = _folder(tmp_path / "faces", ["a.png", "b.png"])
    sketches = _folder(tmp_path / "sketches", ["a.jpg"])
    pairs, left_out = subjects.pairs_of_folders(faces, sketches)
    assert [(p.name, p.files["face"].name, p.files["sketch"].name) for p in pairs] == [
        ("a", "a.png", "a.jpg")
    ]
    assert list(left_out) == [str(faces / "b.png")]
    with pytest.raises(DataError, match="has the name of one"):
        subjects.pairs_of_folders(faces, _folder(tmp_path / "others", ["z.png"]))
    with pytest.raises(ImageError, match="there is no folder"):
        subjects.pairs_of_folders(faces, tmp_path / "nowhere")


def test_each_direction_of_a_model_is_a_subject(data, model):
    pairs, name = subjects.pairs_of_data(data, "test")
    directions = [s.direction for s in selection.select([model], pairs, name)]
    assert sorted(directions) == ["face → sketch", "sketch → face"]
    (only,) = selection.select([model.parent], pairs, name, to="face")
    assert only.direction == "sketch → face"


def test_without_a_model_there_is_a_hint(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match="no trained model"):
        selection.select([], [], "")
    with pytest.raises(BundleError, match="there is no model file"):
        selection.select([tmp_path / "x.safetensors"], [], "")
