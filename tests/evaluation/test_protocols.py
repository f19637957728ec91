import pytest
from PIL import Image

from s2f_cli import parts
from s2f_cli.errors import DataError
from s2f_cli.evaluation import protocols, truths
from s2f_cli.evaluation.protocols import Frame, list_digest
from s2f_cli.manifest import Manifest


@pytest.mark.parametrize("name", protocols.names())
def test_says_all_that_it_fixes(name):
    protocol = protocols.find(name)
    assert protocol.title and protocol.source and protocol.train and protocol.test
    assert set(protocol.metrics) <= set(parts.names("metrics"))


def test_an_unknown_one_is_named_with_the_known_ones():
    with pytest.raises(DataError, match="'cuhk-88'") as caught:
        protocols.find("cuhk-88")
    assert "did you mean 'cuhk-88-100'" in caught.value.hint


def test_the_digest_depends_on_names_and_splits_and_not_on_images(data):
    before = list_digest(Manifest.read(data))
    manifest = Manifest.read(data)
    entries = [e.model_copy(update={"sha256": dict.fromkeys(e.sha256, "0")}) for e in manifest.entries]
    assert list_digest(Manifest(data, manifest.header, entries)) == before
    moved = [e.model_copy(update={"split": "test"}) for e in manifest.entries]
    assert list_digest(Manifest(data, manifest.header, moved)) != before


def _protocol(data, **changes):
    fixed = {"train": 1, "test": 3, "lists": list_digest(Manifest.read(data)), **changes}
    return protocols.find("cuhk-88-100").model_copy(update=fixed)


def test_data_that_fits_is_scored_under_its_name(data):
    assert truths.of_data(data, "test", _protocol(data)).name.endswith(", protocol cuhk-88-100")


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"test": 100}, "3 pairs in test, not 100"), ({"lists": "0" * 64}, "other names in train and test")],
)
def test_other_data_is_refused_or_scored_with_a_note(data, changes, why):
    protocol = _protocol(data, **changes)
    with pytest.raises(DataError, match=why):
        truths.of_data(data, "test", protocol)
    assert f"NOT MET: {why}" in truths.of_data(data, "test", protocol, anyway=True).name


def test_without_a_list_only_numbers_are_checked(data):
    assert not _protocol(data, lists="").mismatches(Manifest.read(data))


def test_a_frame_treats_an_output_of_the_references_size_like_it():
    frame = Frame(4, 4, "crop", gray=False)
    wide = Image.new("RGB", (8, 4), "white")
    wide.paste("black", (0, 0, 2, 4))
    assert frame.generated(wide, wide).tobytes() == frame.truth(wide).tobytes()
    assert frame.truth(wide).getextrema() == ((255, 255),) * 3
    assert frame.generated(wide.resize((4, 4)), wide).getextrema()[0][0] < 255
