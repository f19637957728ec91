import pytest
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, DataError, ImageError, RunError
from s2f_cli.data.manifest import Manifest, to_line, write_lines
from s2f_cli.evaluation import ground_truth, protocols, selection
from s2f_cli.evaluation.subjects import FolderSubject, ModelSubject, Skipped
from s2f_cli.inference.translator import Translator


def test_a_model_is_scored_at_the_size_of_its_training(data, model):
    truth = ground_truth.of_data(data, "test")
    pairs = truth.pairs
    assert truth.name.startswith("noise test, 3 pairs, ")
    translator = Translator.open(model, "cpu")
    subject = ModelSubject("m", translator, ("face", "sketch"), truth)
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
    truth = ground_truth.of_data(data, "test")
    samples = list(ModelSubject("m", Translator.open(model, "cpu"), ("sketch", "face"), truth).samples())
    assert sorted(s.name for s in samples) == ["a", "b", "c"]
    (skipped,) = [s for s in samples if isinstance(s, Skipped)]
    assert skipped.name == "b" and "is empty" in skipped.reason


def test_a_split_without_pairs_is_an_error_that_names_the_splits(data):
    with pytest.raises(DataError, match="'valid'") as caught:
        ground_truth.of_data(data, "valid")
    assert "test, train" in caught.value.hint


@pytest.fixture
def unpaired(data):
    """The data set with only the faces of a and c and the sketch of b in its test split."""
    manifest = Manifest.read(data)
    domain_of = {"a": "face", "b": "sketch", "c": "face", "d": "face"}
    entries = [
        entry.model_copy(
            update={
                key: {domain_of[entry.name]: getattr(entry, key)[domain_of[entry.name]]}
                for key in ("files", "sha256")
            }
        )
        for entry in manifest.entries
    ]
    write_lines(data, manifest.header, map(to_line, entries))
    return data


def test_metrics_of_sets_may_compare_different_people(unpaired, model):
    with pytest.raises(DataError, match="no pairs of a face and a sketch") as caught:
        ground_truth.of_data(unpaired, "test")
    assert "--cycle and metrics of sets, such as fid, need no pairs" in caught.value.hint
    truth = ground_truth.of_data(unpaired, "test", paired=False)
    assert truth.name.startswith("noise test, 2 faces and 1 sketches, ") and not truth.pairs
    (subject,) = selection.select([model], truth, to="sketch", paired=False)
    samples = {sample.name: sample for sample in subject.samples()}
    assert {name: (s.generated is not None, s.reference is not None) for name, s in samples.items()} == {
        "a": (True, False), "b": (False, True), "c": (True, False)
    }  # fmt: skip
    face = images.read(truth.having("face")[0].files["face"])
    (expected,) = Translator.open(model, "cpu").translate([face], "sketch", size="model")
    assert samples["a"].generated.tobytes() == expected.tobytes()


def test_a_cycle_needs_no_pairs(unpaired, model):
    truth = ground_truth.of_data(unpaired, "test", paired=False)
    cycles = {
        s.direction: [x.name for x in s.samples()] for s in selection.select([model], truth, cycle=True)
    }
    assert cycles == {"face → sketch → face": ["a", "c"], "sketch → face → sketch": ["b"]}


def test_a_missing_domain_is_named(unpaired, model, tmp_path):
    manifest = Manifest.read(unpaired)
    write_lines(unpaired, manifest.header, map(to_line, [e for e in manifest.entries if e.name != "b"]))
    truth = ground_truth.of_data(unpaired, "test", paired=False)
    with pytest.raises(DataError, match="there is no sketch to score sketch → face → sketch with"):
        selection.select([model], truth, to="sketch", cycle=True)
    with pytest.raises(DataError, match="there is no sketch to compare"):
        selection.select([_folder(tmp_path / "rival", ["a.png"])], truth, to="sketch", paired=False)


def _folder(folder, names):
    folder.mkdir()
    for name in names:
        Image.new("RGB", (8, 8)).save(folder / name)
    return folder


def test_folders_yield_pairs_then_images_without_a_partner(tmp_path):
    generated = _folder(tmp_path / "gen", ["a.png", "b.png"])
    reference = _folder(tmp_path / "ref", ["a.png", "c.png"])
    subject = FolderSubject(generated, reference, paired=True)
    samples = list(subject.samples())
    assert [type(f).__name__ for f in samples] == ["Sample", "Skipped", "Sample", "Skipped", "Sample"]
    assert samples[0].generated is not None and samples[0].reference is not None
    assert samples[2].reference is None and samples[4].generated is None
    assert len(subject) == 3


def test_folders_need_no_matching_names_for_metrics_of_sets(tmp_path):
    generated = _folder(tmp_path / "gen", ["a.png"])
    reference = _folder(tmp_path / "ref", ["z.png"])
    (subject,) = selection.select_folders([generated], reference, paired=False)
    assert [(s.generated is None, s.reference is None) for s in subject.samples()] == [
        (False, True),
        (True, False),
    ]
    with pytest.raises(DataError, match="has the same name as one"):
        selection.select_folders([generated], reference, paired=True)


def test_faces_and_sketches_of_two_folders_are_paired_by_name(tmp_path):
    faces = _folder(tmp_path / "faces", ["a.png", "b.png"])
    sketches = _folder(tmp_path / "sketches", ["a.jpg"])
    truth = ground_truth.of_folders(faces, sketches)
    (pair,) = truth.pairs
    assert (pair.name, pair.files["face"].name, pair.files["sketch"].name) == ("a", "a.png", "a.jpg")
    assert list(truth.left_out) == [str(faces / "b.png")]
    with pytest.raises(DataError, match="has the same name as one"):
        ground_truth.of_folders(faces, _folder(tmp_path / "others", ["z.png"]))
    with pytest.raises(ImageError, match="there is no folder"):
        ground_truth.of_folders(faces, tmp_path / "nowhere")


def test_each_direction_of_a_model_is_a_subject(data, model):
    truth = ground_truth.of_data(data, "test")
    directions = [s.direction for s in selection.select([model], truth)]
    assert sorted(directions) == ["face → sketch", "sketch → face"]
    (only,) = selection.select([model.parent], truth, to="face")
    assert only.direction == "sketch → face"
    assert only.printed == {"table IV": {"ssim": 0.782, "mse": 0.02}}
    assert only.provenance["recipe"] == "conv-ae"


def test_a_cycle_translates_back_and_is_compared_with_its_input(data, model):
    truth = ground_truth.of_data(data, "test")
    (cycle,) = selection.select([model], truth, to="sketch", cycle=True)
    assert cycle.direction == "sketch → face → sketch" and not cycle.printed
    sample = next(iter(cycle.samples()))
    translator = Translator.open(model, "cpu")
    sketch = images.read(truth.pairs[0].files["sketch"])
    there = translator.translate([sketch], "face", size="model")
    assert sample.generated.tobytes() == translator.translate(there, "sketch", size="model")[0].tobytes()
    assert sample.reference.tobytes() == translator.fit(sketch, "sketch").tobytes()


def test_a_cycle_has_the_printed_numbers_of_cycles(data, model):
    translator = Translator.open(model, "cpu")
    printed = {"where": "table 1", "sketch_cycle_fid": 83.32, "face_cycle_fid": 81.87, "mean_fid": 82.59}
    recipe = translator.card.recipe.model_copy(update={"reported": (printed,)})
    translator.card = translator.card.model_copy(update={"recipe": recipe})
    truth = ground_truth.of_data(data, "test")
    for domain, between, fid in (("sketch", "face", 83.32), ("face", "sketch", 81.87)):
        subject = ModelSubject("m", translator, (domain, between, domain), truth)
        assert subject.printed == {"table 1": {"fid": fid}}
    assert not ModelSubject("m", translator, ("face", "sketch"), truth).printed


def test_a_folder_of_outputs_is_scored_on_the_data_set_like_a_model(data, tmp_path):
    outputs = _folder(tmp_path / "rival", ["a.png", "b.sketch.png"])
    truth = ground_truth.of_data(data, "test")
    (subject,) = selection.select([outputs], truth, to="sketch")
    assert subject.direction == "face → sketch" and subject.data == truth.name
    samples = [s for s in subject.samples() if not isinstance(s, Skipped)]
    assert [s.name for s in samples if s.generated and s.reference] == ["a", "b"]
    with pytest.raises(DataError, match="a folder of images of an unknown domain"):
        selection.select([outputs], truth)


def test_a_frame_fixes_size_and_colour(data, model, tmp_path):
    frame = protocols.Frame(20, 24, "squash", gray=True)
    truth = ground_truth.of_data(data, "test")
    outputs = _folder(tmp_path / "rival", ["a.png"])
    subjects = selection.select([model, outputs], truth, to="face", frame=frame)
    for subject in subjects:
        sample = next(s for s in subject.samples() if not isinstance(s, Skipped))
        assert sample.generated.size == sample.reference.size == (20, 24)
        assert sample.generated.mode == sample.reference.mode == "L"


def test_a_frame_fits_the_results_of_a_model_that_was_trained_otherwise(data, model):
    truth = ground_truth.of_data(data, "test")
    frame = protocols.Frame(20, 24, "crop", gray=True)
    (subject, _) = selection.select([model], truth, frame=frame)
    sample = next(iter(subject.samples()))
    assert sample.generated.size == sample.reference.size == (20, 24)


def test_a_model_of_any_aspect_ratio_translates_whole_images_into_a_frame_that_squashes(
    data, conditional_model
):
    translator = Translator.open(conditional_model, "cpu")
    truth = ground_truth.of_data(data, "test")
    frame = protocols.Frame(20, 24, "squash", gray=True)
    sample = next(iter(ModelSubject("m", translator, ("face", "sketch"), truth, frame).samples()))
    (whole,) = translator.translate([images.read(truth.pairs[0].files["face"])], "sketch", "native")
    assert whole.size == (40, 30) and translator.card.recipe.image.fit == "crop"
    assert sample.generated.tobytes() == frame.reference(whole).tobytes()


def test_a_missing_model_is_an_error(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    truth = ground_truth.of_data(data, "test")
    with pytest.raises(RunError, match="no finished run"):
        selection.select([], truth)
    with pytest.raises(BundleError, match="there is no model file"):
        selection.select([tmp_path / "x.safetensors"], truth)


def test_files_that_cannot_be_used_are_skipped_and_a_folder_inside_is_not_scored(tmp_path):
    generated, reference = tmp_path, tmp_path / "truth"
    reference.mkdir()
    for folder in (generated, reference):
        Image.new("L", (8, 8)).save(folder / "a.png")
    (generated / "b.psd").touch()
    (reference / "c.png").symlink_to("nowhere.png")
    (generated / "more").symlink_to(reference, target_is_directory=True)
    subject = FolderSubject(generated, reference, paired=True)
    samples = list(subject.samples())
    assert len(samples) == len(subject)
    skipped = {sample.name for sample in samples if isinstance(sample, Skipped)}
    assert skipped == {str(generated / "b.psd"), str(reference / "c.png"), str(generated / "more")}
    assert [sample.name for sample in samples if not isinstance(sample, Skipped)] == ["a"]


def test_two_folders_name_the_files_that_cannot_be_used(tmp_path):
    for folder in ("faces", "faces/sketches"):
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / folder / "a.png")
    (tmp_path / "faces/b.psd").touch()
    truth = ground_truth.of_folders(tmp_path / "faces", tmp_path / "faces/sketches")
    assert len(truth.pairs) == 1 and list(truth.left_out) == [str(tmp_path / "faces/b.psd")]
