import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources import _strokes
from s2f_cli.data.sources._strokes import StrokeStyle
from s2f_cli.data.sources.quickdraw import Quickdraw

DRAWING = [[[0, 255, 255, 0, 0], [0, 0, 200, 200, 0]], [[60, 61], [50, 90]]]


def image(item: Item | LeftOut) -> np.ndarray:
    assert isinstance(item, Item)
    draw = item.images["sketch"]
    assert callable(draw)
    return np.asarray(draw())


def test_bitmaps_are_black_on_white_by_default(tmp_path: Path) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (3, 784), dtype=np.uint8)
    np.save(tmp_path / "face.npy", levels)
    items = list(Quickdraw(tmp_path / "face.npy").items())
    assert len(items) == 3
    assert np.array_equal(image(items[1]), 255 - levels[1].reshape(28, 28))
    white_on_black = list(Quickdraw(tmp_path, white_on_black=True).items())
    assert np.array_equal(image(white_on_black[2]), levels[2].reshape(28, 28))


@pytest.mark.parametrize("size", [28, 32, 100, 256, 600])
def test_strokes_are_drawn_at_any_size_in_the_same_place(tmp_path: Path, size: int) -> None:
    (tmp_path / "face.ndjson").write_text(json.dumps({"drawing": DRAWING, "recognized": True, "key_id": "5"}))
    (item,) = Quickdraw(tmp_path / "face.ndjson", size=size).items()
    assert isinstance(item, Item)
    assert item.attributes == {"key_id": "5", "recognized": "yes"}
    drawn = image(item)
    assert drawn.shape == (size, size)
    assert {int(drawn[0, 0]), int(drawn[-1, -1])} == {255}
    rows, columns = np.nonzero(drawn < 128)
    middle = (rows.min() + rows.max()) / 2 / (size - 1), (columns.min() + columns.max()) / 2 / (size - 1)
    assert middle == pytest.approx((0.5, 0.5), abs=1 / size)
    assert columns.min() / size == pytest.approx(16 / 304, abs=1.5 / size)


def test_a_thick_line_is_as_wide_as_google_draws_it() -> None:
    straight = _strokes.checked([[[0, 255], [0, 0]]])
    drawn = np.asarray(_strokes.draw(straight, StrokeStyle(304, 16, True)))
    assert (drawn[:, 152] > 127).sum() == pytest.approx(16, abs=1)


def test_broken_lines_are_left_out_and_named(tmp_path: Path) -> None:
    good = json.dumps({"drawing": DRAWING})
    bad = [
        "{",
        "[]",
        '{"word": "face"}',
        '{"drawing": []}',
        '{"drawing": [[[0, 1], [0]]]}',
        '{"drawing": [[[0, 9000], [0, 1]]]}',
        '{"drawing": [[["a"], ["b"]]]}',
        '{"drawing": [[[NaN], [0]]]}',
        '{"drawing": 5}',
    ]
    (tmp_path / "face.ndjson").write_bytes("\n".join([good, *bad, good]).encode() + b"\n\xff\xfe\n")
    items = list(Quickdraw(tmp_path / "face.ndjson").items())
    left_out = [item for item in items if isinstance(item, LeftOut)]
    assert len(items) - len(left_out) == 2
    assert [line.name.rpartition(" ")[2] for line in left_out] == [*map(str, range(2, 11)), "12"]


def test_invalid_arrays_are_named(tmp_path: Path) -> None:
    file = tmp_path / "face.npy"
    for content in (b"", b"\x93NUMPY broken", b"pickle"):
        file.write_bytes(content)
        with pytest.raises(DataError, match="not a complete array"):
            list(Quickdraw(file).items())
        file.unlink()
        file = file.with_stem(file.stem + "x")
    np.save(tmp_path / "floats.npy", np.zeros((2, 784)))
    with pytest.raises(DataError, match="float64"):
        list(Quickdraw(tmp_path / "floats.npy").items())
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="not a complete array"):
        list(Quickdraw(tmp_path / "objects.npy").items())


def test_invalid_options_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--line"):
        Quickdraw(tmp_path, line=0)
    with pytest.raises(DataError, match=r"not a \.npy"):
        list(Quickdraw(tmp_path).items())


def test_drawn_strokes_are_gray_images() -> None:
    drawn = _strokes.draw(_strokes.checked(DRAWING), StrokeStyle(64, 4, False))
    assert isinstance(drawn, Image.Image)
    assert drawn.mode == "L"


def test_a_folder_may_have_one_top_folder_and_litter(tmp_path: Path) -> None:
    (tmp_path / "drawings").mkdir()
    for name in ("Face.NDJSON", "._face.ndjson"):
        (tmp_path / "drawings" / name).write_text(json.dumps({"drawing": DRAWING}))
    (item,) = Quickdraw(tmp_path).items()
    assert item.name == "Face-000000"
