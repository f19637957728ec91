"""Galleries are read once: afterwards only new and changed photos."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.matching import describe, indexing, projection


@pytest.fixture
def gallery(here: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[int]]:
    """Three photos, red from 1 to 3; a photo of red r shows r faces. And the reds of the photos read."""
    read: list[int] = []

    def photo(image: Image.Image) -> list[describe.PhotoFace]:
        red = image.getpixel((0, 0))[0]
        read.append(red)
        if not red:
            raise ImageError("no face was found in it")
        return [
            describe.PhotoFace((0, 0, number, red), np.full(projection.WIDTH, red, np.float32))
            for number in range(red)
        ]

    monkeypatch.setattr(describe, "photo", photo)
    for red in (1, 2, 3):
        Image.new("RGB", (4, 4), (red, 0, 0)).save(here / f"{red}.png")
    return here, read


def test_only_new_and_changed_photos_are_read(gallery: tuple[Path, list[int]]) -> None:
    folder, read = gallery
    first = indexing.update(folder)
    assert (first.photos, first.faces, first.read, read) == (3, 6, 3, [1, 2, 3])
    read.clear()
    Image.new("RGB", (4, 4), (4, 0, 0)).save(folder / "2.png")
    os.utime(folder / "2.png", ns=(0, 1))
    (folder / "3.png").unlink()
    Image.new("RGB", (4, 4), (5, 0, 0)).save(folder / "9.png")
    second = indexing.update(folder)
    assert (second.photos, second.faces, second.read, second.removed) == (3, 10, 2, 1)
    assert read == [4, 5]
    assert indexing.update(folder).read == 0


def test_photos_without_a_face_are_named_but_not_read_again(gallery: tuple[Path, list[int]]) -> None:
    folder, read = gallery
    Image.new("RGB", (4, 4)).save(folder / "0.png")
    for _ in range(2):
        assert indexing.update(folder).left_out == {str(folder / "0.png"): "no face was found in it"}
    assert read.count(0) == 1


def test_an_interrupted_index_continues(
    gallery: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = gallery

    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.update(folder, on_progress=interrupt)
    assert indexing.update(folder).faces == 6
    assert read == [1, 2, 3]


def test_an_index_of_other_features_is_built_again(
    gallery: tuple[Path, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = gallery
    indexing.update(folder)
    monkeypatch.setattr(describe, "FEATURES", "better ones")
    assert indexing.update(folder).read == 3
