"""The nearest photos, in order."""

from pathlib import Path

import numpy as np
import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.matching import search
from s2f_cli.matching.index import Entry, Index, Stamp


def index(**photos: list[float]) -> Index:
    """An index whose faces have rows of one number."""
    return Index.of(
        {
            name: Entry(Stamp(0, 0), tuple((0, 0, 0, x) for x in xs), np.array(xs, "f4").reshape(-1, 1))
            for name, xs in photos.items()
        },
        1,
    )


def test_photos_come_once_with_their_nearest_face() -> None:
    found = search.rank(index(a=[0.1, 0.5], b=[0.9, 0.8, 0.7], c=[], d=[0.6]), np.ones(1, "f4"), 3)
    assert [(match.name, round(match.similarity, 3)) for match in found] == [
        ("b", 0.9),
        ("d", 0.6),
        ("a", 0.5),
    ]
    assert found[2].box == (0, 0, 0, 0.5)


def test_equals_keep_their_order_and_few_are_enough() -> None:
    found = search.rank(index(b=[0.5], a=[0.5], c=[0.5]), np.ones(1, "f4"), 10)
    assert [match.name for match in found] == ["a", "b", "c"]


def test_ranks_agree_with_sorting() -> None:
    values = np.random.default_rng(0).permutation(200) / 200
    photos = {f"{number:03}": [float(value)] for number, value in enumerate(values)}
    found = search.rank(index(**photos), np.ones(1, "f4"), 50)
    assert [match.name for match in found] == sorted(photos, key=lambda name: -photos[name][0])[:50]


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist") as problem:
        search.open_index(tmp_path, tmp_path / "none")
    assert "s2f match index" in problem.value.hint
