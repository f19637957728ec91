from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.data.manifest import Alignment, Entry, Header, Manifest
from s2f_cli.faces import colours
from s2f_cli.inference import conditions
from s2f_cli.models.recipes.conditions import Conditions

TOLD = Conditions.model_validate(
    {
        "style": {"default": "bold", "labels": {"fine": ["1"], "bold": ["2"]}},
        "skin": {"default": "#010203"},
        "backdrop": {"default": "#070809"},
    }
)
EYES = ((20.0, 24.0), (28.0, 24.0))


def entry(attributes: dict[str, str], **alignment: Alignment) -> Entry:
    return Entry(
        name="a",
        split="train",
        identity="a",
        files={"face": "a.png"},
        sha256={"face": "00"},
        attributes=attributes,
        alignment=alignment,  # type: ignore[arg-type]
    )


@pytest.fixture
def photo(tmp_path: Path) -> Image.Image:
    image = Image.new("RGB", (48, 48), "#a0b0c0")
    image.save(tmp_path / "a.png")
    return image


def test_colours_like_those_of_a_photo(photo: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda image: EYES)
    assert conditions.like(photo, TOLD) == {"skin": "#a0b0c0", "backdrop": "#a0b0c0"}


def test_a_photo_without_a_face_has_only_a_backdrop(
    photo: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda image: None)
    with pytest.raises(ImageError, match="no face was found in the photo to take colours"):
        conditions.like(photo, TOLD)
    only_backdrop = Conditions(root={"backdrop": TOLD.root["backdrop"]})
    assert conditions.like(photo, only_backdrop) == {"backdrop": "#a0b0c0"}


def test_conditions_of_an_entry_as_far_as_known(
    photo: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda image: None)
    manifest = Manifest(tmp_path, Header(source="test"), [])
    assert conditions.of_entry(manifest, entry({"style": "1"}), TOLD) == {
        "style": "fine",
        "backdrop": "#a0b0c0",
    }


def test_eyes_come_from_the_alignment_of_an_aligned_photo(photo: Image.Image) -> None:
    alignment = Alignment(
        confidence=1,
        box=(0, 0, 9, 9),
        left_corner=(0, 0),
        right_corner=(9, 0),
        left_eye=(1, 2),
        right_eye=(3, 2),
        matrix=(2, 0, 10, 0, 2, 20),
        width=48,
        height=48,
    )
    assert conditions.eyes_of(photo, alignment) == ((12, 24), (16, 24))
