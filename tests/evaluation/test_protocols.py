from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core import registry
from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import Entry, Header, Manifest, to_line, write_lines
from s2f_cli.data.sources import cufs
from s2f_cli.evaluation import ground_truth, protocols
from s2f_cli.evaluation.protocols import Frame, list_digest


@pytest.mark.parametrize("name", protocols.names())
def test_a_protocol_is_complete(name):
    protocol = protocols.find(name)
    assert protocol.title and protocol.source and protocol.train and protocol.test
    assert set(protocol.metrics) <= set(registry.names("metrics"))


def test_an_unknown_protocol_is_an_error_with_a_suggestion():
    with pytest.raises(DataError, match="'cuhk-88'") as caught:
        protocols.find("cuhk-88")
    assert "did you mean 'cuhk-88-100'" in caught.value.hint


def test_the_list_digest_depends_on_names_and_splits_only(data):
    before = list_digest(Manifest.read(data))
    manifest = Manifest.read(data)
    entries = [e.model_copy(update={"sha256": dict.fromkeys(e.sha256, "0")}) for e in manifest.entries]
    assert list_digest(Manifest(data, manifest.header, entries)) == before
    moved = [e.model_copy(update={"split": "test"}) for e in manifest.entries]
    assert list_digest(Manifest(data, manifest.header, moved)) != before


def test_pairs_held_out_for_validation_belong_to_the_training_list(data, make_data, tmp_path):
    manifest = Manifest.read(make_data(tmp_path, train=(6, 6), test=(3, 3)))
    held_out = [
        e.model_copy(update={"split": "val"}) if e.name in ("train-1", "train-4") else e
        for e in manifest.entries
    ]
    moved = Manifest(tmp_path, manifest.header, held_out)
    assert list_digest(moved) == list_digest(manifest)
    assert _protocol(tmp_path, train=6).mismatches(moved) == []


def test_training_pairs_left_out_as_duplicates_count_where_only_numbers_are_checked(make_data, tmp_path):
    manifest = Manifest.read(make_data(tmp_path, train=(6, 6), test=(3, 3)))
    lines = {
        "a": "nearly equal to b in test: left out of train",
        "c": "equal to d in train: both in train",
        "e": "equal to f in test: left out of val",
    }
    header = manifest.header.model_copy(update={"duplicates": lines})
    numbers_only = _protocol(tmp_path, train=8, lists="")
    assert numbers_only.mismatches(manifest) == ["6 pairs in train, not 8"]
    assert numbers_only.mismatches(Manifest(tmp_path, header, manifest.entries)) == []
    write_lines(tmp_path, header, map(to_line, manifest.entries))
    name = ground_truth.of_data(tmp_path, "test", numbers_only).name
    assert name.endswith("(numbers of pairs only), duplicates left out of train: 2")


def _protocol(data, **changes):
    fixed = {"train": 1, "test": 3, "lists": list_digest(Manifest.read(data)), **changes}
    return protocols.find("cuhk-88-100").model_copy(update=fixed)


def test_matching_data_is_scored_under_the_protocols_name(data):
    protocol = _protocol(data)
    name = ground_truth.of_data(data, "test", protocol).name
    assert name.endswith(f", protocol cuhk-88-100 {protocol.digest[:8]}")
    numbers_only = _protocol(data, lists="")
    assert ground_truth.of_data(data, "test", numbers_only).name.endswith("(numbers of pairs only)")


@pytest.mark.parametrize(
    ("changes", "mismatch"),
    [({"test": 100}, "3 pairs in test, not 100"), ({"lists": "0" * 64}, "other names in train and test")],
)
def test_other_data_is_refused_or_marked(data, changes, mismatch):
    protocol = _protocol(data, **changes)
    with pytest.raises(DataError, match=mismatch):
        ground_truth.of_data(data, "test", protocol)
    assert f"NOT MET: {mismatch}" in ground_truth.of_data(data, "test", protocol, allow_mismatch=True).name


PUBLISHED = {
    "cuhk-88-100": {},
    "skubisz-augmented": {"protocol": "report-d"},
    "skubisz-by-person": {"protocol": "report-d-honest"},
}


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """The student part's files by their published names, as blank images."""
    folder = tmp_path_factory.mktemp("student")
    blank = Image.new("L", (8, 8))
    for line in (Path(cufs.__file__).parent / "_cuhk_88_100.csv").read_text().split()[1:]:
        name = line.partition(",")[0]
        for part in ("photos", "sketches"):
            (folder / part).mkdir(exist_ok=True)
            blank.save(folder / part / f"{name}.png")
    return folder


def _manifest(folder, names):
    entries = [
        Entry(name=name, split=split, identity=name, files=dict.fromkeys(("face", "sketch"), f"{name}.png"),
              sha256=dict.fromkeys(("face", "sketch"), "0"))
        for name, split in names
    ]  # fmt: skip
    return Manifest(folder, Header(source="cufs"), entries)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_lists_equal_those_of_prepare(name, student):
    source = cufs.Cufs(student, **PUBLISHED[name])
    names = [(item.name, item.split) for item in source.items()]
    assert protocols.find(name).mismatches(_manifest(student, names)) == []
    swapped = [(n, {"train": "test", "test": "train"}[s]) for n, s in names[:2]] + names[2:]
    assert protocols.find(name).mismatches(_manifest(student, swapped))


@pytest.mark.parametrize("name", protocols.names())
def test_a_protocol_refuses_other_names_and_numbers(name, tmp_path):
    protocol = protocols.find(name)
    names = [(f"{split}-{n}", split) for split in ("train", "test") for n in range(getattr(protocol, split))]
    whole, short = _manifest(tmp_path, names), _manifest(tmp_path, names[1:])
    assert protocol.mismatches(whole) == (["other names in train and test"] if protocol.lists else [])
    assert protocol.mismatches(short) == [f"{protocol.train - 1} pairs in train, not {protocol.train}"]
    write_lines(tmp_path, short.header, map(to_line, short.entries))
    with pytest.raises(DataError, match=f"not the data of the protocol {name}") as caught:
        ground_truth.of_data(tmp_path, "test", protocol)
    assert "--anyway" in caught.value.hint
    truth = ground_truth.of_data(tmp_path, "test", protocol, allow_mismatch=True)
    assert "NOT MET" in truth.name and len(truth.pairs) == protocol.test


def test_the_digest_covers_everything_that_is_fixed_and_is_in_the_docs():
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    for name in protocols.names():
        protocol = protocols.find(name)
        row = (name, protocol.digest[:8], f"{protocol.train} / {protocol.test}",
               f"{protocol.width}×{protocol.height}, {protocol.fit}, {protocol.colour}",
               ", ".join(f"`{m}`" for m in protocol.metrics))  # fmt: skip
        assert f"| `{row[0]}` | {' | '.join(row[1:])} |" in page
        changes = {
            "lists": "0" * 64,
            "width": 1,
            "fit": "crop",
            "colour": "x",
            "metrics": ("mse",),
            "train": 1,
        }
        digests = {protocol.model_copy(update={k: v}).digest for k, v in changes.items()}
        assert len(digests | {protocol.digest}) == len(changes) + 1


def test_without_a_list_only_numbers_of_pairs_are_checked(data):
    assert not _protocol(data, lists="").mismatches(Manifest.read(data))


def test_a_frame_fits_an_output_like_a_reference_of_the_same_size():
    frame = Frame(4, 4, "crop", gray=False)
    wide = Image.new("RGB", (8, 4), "white")
    wide.paste("black", (0, 0, 2, 4))
    assert frame.generated(wide, wide).tobytes() == frame.reference(wide).tobytes()
    assert frame.reference(wide).getextrema() == ((255, 255),) * 3
    assert frame.generated(wide.resize((4, 4)), wide).getextrema()[0][0] < 255
