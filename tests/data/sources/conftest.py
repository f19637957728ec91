from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def write_image() -> Callable[[Path], None]:
    """Writes a small gray image to a path, with its folders."""

    def write(file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (20, 25), 128).save(file)

    return write
