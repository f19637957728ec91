import pytest
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item
from s2f_cli.data.sources.demo import Demo


def test_a_quarter_of_the_items_is_for_testing() -> None:
    items = [item for item in Demo(count=64).items() if isinstance(item, Item)]
    assert len(items) == len({item.name for item in items}) == 64
    assert sum(item.split == "test" for item in items) == 16
    assert items[-1].name == "astronaut"
    face = items[-1].images["face"]
    assert callable(face)
    assert isinstance(face(), Image.Image)


def test_a_count_out_of_range_is_an_error() -> None:
    with pytest.raises(DataError, match="--count 1"):
        Demo(count=1)
