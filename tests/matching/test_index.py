"""The index file: what is written is read, and what is no index is refused."""

from pathlib import Path

import numpy as np
import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.matching.index import Entry, Index, Stamp, load

ENTRIES = {
    "b/two.png": Entry(Stamp(5, 7), ((1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.0)), np.eye(3, dtype="f4")[:2]),
    "a \udce9.png": Entry(Stamp(2**40, 3), reason="no face was found in it"),
    "c.png": Entry(Stamp(1, 2), ((0.0, 0.0, 9.0, 9.0),), np.eye(3, dtype="f4")[2:]),
}


def same(first: Entry, second: Entry) -> bool:
    rows = [entry.rows if entry.rows is not None else np.zeros((0, 3)) for entry in (first, second)]
    plain = [(entry.stamp, entry.boxes, entry.reason) for entry in (first, second)]
    return plain[0] == plain[1] and np.array_equal(*rows)


def test_an_index_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "index.safetensors"
    Index.of(ENTRIES, 3).save(file, "features 1")
    index = load(file, "features 1")
    assert index is not None and index.names == sorted(ENTRIES)
    assert index.photos.tolist() == [1, 1, 2]
    found = index.entries()
    assert all(same(found[name], entry) for name, entry in ENTRIES.items())


def test_equal_indexes_have_equal_bytes(tmp_path: Path) -> None:
    for name in "abcdefgh":
        Index.of(ENTRIES, 3).save(tmp_path / name, "features 1")
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


def test_an_empty_index_survives_its_file(tmp_path: Path) -> None:
    Index.of({}, 3).save(tmp_path / "index", "features 1")
    index = load(tmp_path / "index", "features 1")
    assert index is not None and index.rows.shape == (0, 3) and index.entries() == {}


def test_other_features_and_missing_files_are_no_index(tmp_path: Path) -> None:
    Index.of(ENTRIES, 3).save(tmp_path / "index", "features 1")
    assert load(tmp_path / "index", "features 2") is None
    assert load(tmp_path / "none", "features 1") is None


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "index"
    Index.of(ENTRIES, 3).save(file, "features 1")
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    with pytest.raises(DataError, match="is damaged"):
        load(file, "features 1")
    file.write_bytes(whole.replace(b"s2f match index", b"another program"))
    with pytest.raises(DataError, match="is not an index"):
        load(file, "features 1")


def test_parts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    index = Index.of(ENTRIES, 3)
    broken = Index(index.names[1:], index.stamps, index.reasons, index.photos, index.boxes, index.rows)
    broken.save(tmp_path / "index", "features 1")
    with pytest.raises(DataError, match="do not fit"):
        load(tmp_path / "index", "features 1")
