from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import FILE, Alignment, Entry, Header, Manifest, to_line, write_lines


def entry(name: str = "a", split: str = "train", **more: object) -> Entry:
    fields: dict[str, object] = {
        "files": {"face": f"{split}/face/{name}.png"},
        "sha256": {"face": "0" * 64},
        **more,
    }
    return Entry(name=name, split=split, identity=name, **fields)  # type: ignore[arg-type]


def pair(name: str, split: str = "train") -> Entry:
    files = {domain: f"{split}/{domain}/{name}.png" for domain in ("face", "sketch")}
    return entry(name, split, files=files, sha256=dict.fromkeys(files, "0"))


def test_a_written_manifest_is_read_back(tmp_path: Path) -> None:
    aligned = Alignment(
        confidence=1.5,
        box=(0, 0, 9, 9),
        left_corner=(1, 2),
        right_corner=(8, 2),
        left_eye=(2, 2),
        right_eye=(7, 2),
        matrix=(1, 0, 0, 0, 1, 0),
        width=10,
        height=10,
    )
    header = Header(source="tests", left_out={"b\n": "it is\nbroken"}, parts={"one": {"faces": 2}})
    entries = [pair("b", "test"), entry("ü", alignment={"face": aligned}, attributes={"sex": "female"})]
    write_lines(tmp_path, header, map(to_line, entries))
    read = Manifest.read(tmp_path)
    assert read.header == header
    assert list(read.entries) == sorted(entries, key=lambda e: (e.split, e.name))
    assert len((tmp_path / FILE).read_text().splitlines()) == 3


def test_a_manifest_of_version_0_1_0_is_read(tmp_path: Path) -> None:
    """Its command may name the sketcher `dodge`, which is `report_b` now."""
    (tmp_path / FILE).write_text(
        '{"format":1,"source":"folders","homepage":"","licence":"as the files\' owner says",'
        '"command":"s2f prepare folders --faces faces --sketcher dodge","split":"random by person, '
        'test share 0.2, seed 0","left_out":{"b":"faces/b.png is empty"},'
        '"duplicates":{},"selection":[],"parts":{}}\n'
        '{"name":"a","split":"train","identity":"a","files":{"face":"train/face/a.png","sketch":'
        '"train/sketch/a.png"},"sha256":{"face":"00","sketch":"11"},"attributes":{"sex":"female"}}\n'
    )
    manifest = Manifest.read(tmp_path)
    assert manifest.header.command.endswith("--sketcher dodge")
    assert [entry.name for entry in manifest.pairs("train")] == ["a"]


def test_an_iterator_of_lines_is_written(tmp_path: Path) -> None:
    entries = [entry(f"{n:03}") for n in range(5)]
    write_lines(tmp_path, Header(source="tests"), map(to_line, entries))
    assert list(Manifest.read(tmp_path).entries) == entries


def test_entries_of_a_file_equal_those_in_memory(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path, Header(source="t"), [pair("b", "test"), pair("a"), entry("c"), pair("d")])
    write_lines(tmp_path, manifest.header, map(to_line, manifest.entries))
    read = Manifest.read(tmp_path)
    assert (read.splits(), read.digest()) == (manifest.splits(), manifest.digest())
    for split in ("train", "test", "val"):
        assert list(read.pairs(split)) == list(manifest.pairs(split))
        assert list(read.having(split, "face")) == list(manifest.having(split, "face"))
    faces = read.having("train", "face")
    assert [faces[0].name, faces[-1].name, *(e.name for e in faces[1:])] == ["a", "d", "c", "d"]
    with pytest.raises(IndexError):
        faces[3]


def test_a_file_out_of_order_is_sorted(tmp_path: Path) -> None:
    entries = [entry("b"), entry("a")]
    write_lines(tmp_path, Header(source="t"), map(to_line, entries))
    manifest = Manifest(tmp_path, Header(source="t"), entries)
    assert list(Manifest.read(tmp_path).entries) == manifest.entries
    assert Manifest.read(tmp_path).digest() == manifest.digest()


def test_a_file_that_was_deleted_meanwhile_is_an_error(tmp_path: Path) -> None:
    write_lines(tmp_path, Header(source="t"), map(to_line, [entry("a")]))
    read = Manifest.read(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(DataError, match=r"manifest\.jsonl cannot be read"):
        list(read.entries)


def test_entries_are_found_by_split_and_domain(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path, Header(source="t"), [pair("b", "test"), pair("a"), entry("c")])
    assert manifest.splits() == ["test", "train"]
    assert [e.name for e in manifest.pairs("train")] == ["a"]
    assert [e.name for e in manifest.having("train", "face")] == ["a", "c"]
    assert manifest.having("val", "face") == []
    assert manifest.path(manifest.entries[0], "sketch") == tmp_path / "test" / "sketch" / "b.png"


def test_equal_data_has_an_equal_digest_in_any_folder(tmp_path: Path) -> None:
    first = Manifest(tmp_path, Header(source="t", command="x"), [pair("a"), pair("b")])
    second = Manifest(tmp_path / "o", Header(source="u"), [pair("b"), pair("a")])
    assert first.digest() == second.digest()
    assert Manifest(tmp_path, Header(source="t"), [pair("a"), pair("b", "test")]).digest() != first.digest()


@pytest.mark.parametrize("file", ["/etc/passwd", "../a.png", "train/../../a.png", "train\\a.png"])
def test_no_path_leaves_the_data_set(file: str) -> None:
    with pytest.raises(ValidationError, match="leaves the data set"):
        entry(files={"face": file})


@pytest.mark.parametrize(
    "wrong",
    [{"files": {}, "sha256": {}}, {"sha256": {"sketch": "0"}}, {"more": 1}, {"files": {"photo": "a"}}],
)
def test_invalid_entries_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        entry(**wrong)


@pytest.mark.parametrize("split", ["", "Train", "../x", "a b", "1st"])
def test_the_name_of_a_split_is_a_plain_word(split: str) -> None:
    with pytest.raises(ValidationError):
        entry(split=split)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("", 1),
        ("{", 1),
        ('{"source": "t"}\n{}\n', 2),
        ('{"source": "t"}\n\n[]\n', 3),
        ('{"source": "t", "x": 1}', 1),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: str, number: int) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(DataError, match=f"line {number}"):
        Manifest.read(tmp_path)


def test_another_format_and_a_missing_data_set_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no prepared data set") as error:
        Manifest.read(tmp_path)
    assert "s2f prepare" in error.value.hint
    (tmp_path / FILE).write_text('{"format": 99, "source": "t"}\n')
    with pytest.raises(DataError, match="format 99"):
        Manifest.read(tmp_path)


@given(st.text(min_size=1), st.dictionaries(st.text(), st.text()))
def test_any_text_survives_a_round_trip(name: str, attributes: dict[str, str]) -> None:
    original = entry().model_copy(update={"name": name, "identity": name, "attributes": attributes})
    assert Entry.model_validate_json(to_line(original)) == original
    assert "\n" not in to_line(original)
