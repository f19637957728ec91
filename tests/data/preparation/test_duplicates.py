import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from s2f_cli.data.preparation import duplicates
from s2f_cli.data.preparation.render_item import thumb
from s2f_cli.data.sources._drawn_face import draw
from s2f_cli.data.sources._looks import looks


def found(images: list[Image.Image]) -> list[set[int]]:
    thumbs = np.stack([np.frombuffer(thumb(image) or b"", np.uint8) for image in images])
    return [{one, other} for one, other in duplicates.near(thumbs)]


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


FACES = [draw(looks(0, number)) for number in range(12)]


def test_different_faces_are_no_duplicates() -> None:
    assert found(FACES) == []


@pytest.mark.parametrize("change", ["jpeg", "half", "gray"])
def test_the_same_picture_is_found_in_another_guise(change: str) -> None:
    changed = {
        "jpeg": lambda i: as_jpeg(i, 50),
        "half": lambda i: i.resize((128, 128)),
        "gray": lambda i: i.convert("L"),
    }[change](FACES[3])
    assert found([*FACES, changed]) == [{3, 12}]


def test_a_mirror_image_is_another_picture() -> None:
    assert found([FACES[2], ImageOps.mirror(FACES[2])]) == []


def test_few_pictures_are_no_trouble() -> None:
    assert found(FACES[:1]) == []
    assert list(duplicates.near(np.zeros((0, 256), np.uint8))) == []


def test_a_blank_picture_has_no_thumbnail() -> None:
    assert thumb(Image.new("RGB", (30, 40), "gray")) is None


@pytest.mark.parametrize("count", [40, 700])
def test_agrees_with_all_correlations(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_SAMPLE", 512)
    random = np.random.default_rng(0)
    base = random.integers(0, 256, (count, 256))
    near = np.clip(base[: count // 2] + random.normal(0, 9, (count // 2, 256)), 0, 255)
    thumbs = np.concatenate([base, near]).astype(np.uint8)
    one, other = np.nonzero(np.triu(np.corrcoef(thumbs) >= duplicates.SAME, 1))
    assert len(one) == count // 2
    pairs = [tuple(sorted(pair)) for pair in duplicates.near(thumbs)]
    assert sorted(pairs) == list(zip(one.tolist(), other.tolist(), strict=True))
