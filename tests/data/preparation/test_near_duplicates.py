import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.data.preparation import near_duplicates
from s2f_cli.data.preparation.render_item import thumbnail


def pairs(images: list[Image.Image]) -> list[set[int]]:
    """The pairs of near duplicates among images, by their numbers."""
    thumbnails = np.stack([np.frombuffer(thumbnail(image) or b"", np.uint8) for image in images])
    return [{first, second} for first, second in near_duplicates.find_pairs(thumbnails)]


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


FACES = [draw(looks(0, number)) for number in range(12)]


def test_different_faces_are_not_duplicates() -> None:
    assert pairs(FACES) == []


@pytest.mark.parametrize("change", ["jpeg", "half", "gray"])
def test_a_changed_copy_is_found(change: str) -> None:
    changed = {
        "jpeg": lambda i: as_jpeg(i, 50),
        "half": lambda i: i.resize((128, 128)),
        "gray": lambda i: i.convert("L"),
    }[change](FACES[3])
    assert pairs([*FACES, changed]) == [{3, 12}]


def test_a_mirror_image_is_not_a_duplicate() -> None:
    assert pairs([FACES[2], ImageOps.mirror(FACES[2])]) == []


def test_one_image_or_none_has_no_pairs() -> None:
    assert pairs(FACES[:1]) == []
    assert list(near_duplicates.find_pairs(np.zeros((0, 256), np.uint8))) == []


def test_a_blank_image_has_no_thumbnail() -> None:
    assert thumbnail(Image.new("RGB", (30, 40), "gray")) is None


@pytest.mark.parametrize("count", [40, 700])
def test_the_pairs_equal_those_of_an_exhaustive_comparison(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "_SAMPLE", 512)
    random = np.random.default_rng(0)
    base = random.integers(0, 256, (count, 256))
    near = np.clip(base[: count // 2] + random.normal(0, 9, (count // 2, 256)), 0, 255)
    thumbnails = np.concatenate([base, near]).astype(np.uint8)
    first, second = np.nonzero(np.triu(np.corrcoef(thumbnails) >= near_duplicates.SAME, 1))
    assert len(first) == count // 2
    near_pairs = [tuple(sorted(pair)) for pair in near_duplicates.find_pairs(thumbnails)]
    assert sorted(near_pairs) == list(zip(first.tolist(), second.tolist(), strict=True))
