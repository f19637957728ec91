import json
from collections.abc import Callable
from pathlib import Path

import pytest

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources.fs2k import Fs2k

Write = Callable[[Path], None]
ROW = {"image_name": "photo1/image0110", "hair_color": 2, "gender": 1, "earring": 1, "smile": 0, "style": 2}


def test_the_published_layout(tmp_path: Path, picture: Write) -> None:
    picture(tmp_path / "photo/photo1/image0110.jpg")
    picture(tmp_path / "sketch/sketch1/sketch0110.png")
    others = [{"image_name": "photo1/image9999"}, {"image_name": "../../etc/passwd"}, {}, "x"]
    (tmp_path / "anno_train.json").write_text("[]")
    (tmp_path / "anno_test.json").write_text(json.dumps([ROW, *others]))
    item, *left_out = Fs2k(tmp_path).items()
    assert isinstance(item, Item)
    assert (item.name, item.split, sorted(item.images)) == ("photo1-0110", "test", ["face", "sketch"])
    assert item.attributes == {
        "smiling": "yes",
        "earring": "no",
        "gender": "female",
        "hair_color": "red",
        "style": "3",
    }
    assert len(left_out) == 4
    assert all(isinstance(one, LeftOut) and "missing" in one.reason for one in left_out)


@pytest.mark.parametrize("content", ["{", "{}", "\x00"])
def test_broken_annotations(tmp_path: Path, content: str) -> None:
    (tmp_path / "anno_train.json").write_text(content)
    with pytest.raises(DataError, match="anno_train"):
        list(Fs2k(tmp_path).items())


def test_no_annotations(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither"):
        list(Fs2k(tmp_path).items())
