import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from s2f_cli.preparation import duplicates
from s2f_cli.preparation.duplicates import Pair, pairs
from s2f_cli.preparation.making import thumb
from s2f_cli.sources._drawn_face import draw
from s2f_cli.sources._looks import looks


def found(images: list[Image.Image]) -> list[Pair]:
    thumbs = np.stack([np.frombuffer(thumb(image), np.uint8) for image in images])
    return sorted(pairs([str(hash(image.tobytes())) for image in images], thumbs), key=lambda p: p.second)


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


FACES = [draw(looks(0, number)) for number in range(12)]


def test_different_faces_are_no_duplicates() -> None:
    assert found(FACES) == []


@pytest.mark.parametrize("change", ["copy", "jpeg", "half", "gray"])
def test_the_same_picture_is_found_in_another_guise(change: str) -> None:
    changed = {
        "copy": lambda i: i.copy(),
        "jpeg": lambda i: as_jpeg(i, 50),
        "half": lambda i: i.resize((128, 128)),
        "gray": lambda i: i.convert("L"),
    }[change](FACES[3])
    assert found([*FACES, changed]) == [Pair(3, 12, equal=change == "copy")]


def test_a_mirror_image_is_another_picture() -> None:
    assert found([FACES[2], ImageOps.mirror(FACES[2])]) == []


def test_blank_pictures_are_only_equal_by_their_bytes() -> None:
    blank = [Image.new("L", (30 + n, 30), 255) for n in range(3)]
    assert found([*blank, blank[0]]) == [Pair(0, 3, equal=True)]


def test_few_pictures_are_no_trouble() -> None:
    assert found(FACES[:1]) == []
    assert list(pairs([], np.zeros((0, 256), np.uint8))) == []


def test_agrees_with_all_correlations() -> None:
    random = np.random.default_rng(0)
    base = random.integers(0, 256, (40, 256))
    near = np.clip(base[:20] + random.normal(0, 9, (20, 256)), 0, 255)
    thumbs = np.concatenate([base, near]).astype(np.uint8)
    every = np.corrcoef(thumbs)
    wanted = {(a, b) for a in range(60) for b in range(a + 1, 60) if every[a, b] >= duplicates.SAME}
    assert len(wanted) == 20
    assert {(p.first, p.second) for p in pairs([str(n) for n in range(60)], thumbs)} == wanted
