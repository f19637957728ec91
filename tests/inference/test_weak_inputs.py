from dataclasses import replace

import pytest
from PIL import Image

from s2f_cli.faces.geometry import Face
from s2f_cli.inference.weak_inputs import weaknesses

LIMITS = (
    "Profiles, hands and very dark photos come out partial. Clothes are a dark shape. "
    "Several heads close together merge."
)
PHOTO = Image.new("RGB", (100, 100), "gray")
FACE = Face((20, 20, 40, 40), 1.0, (22, 28), (38, 28), (25, 28), (35, 28), nose=(30, 34))


def moved(face: Face, by: int) -> Face:
    left, top, right, bottom = face.box
    return replace(face, box=(left + by, top, right + by, bottom))


@pytest.mark.parametrize("faces", [[], [FACE], [FACE, moved(FACE, 40)]])
def test_an_input_that_the_model_is_good_at_gives_no_doubt(faces: list[Face]) -> None:
    assert weaknesses(LIMITS, PHOTO, faces) == []


@pytest.mark.parametrize(
    ("photo", "faces", "seen", "sentence"),
    [
        (Image.new("L", (9, 9), 20), [], "it is very dark", "Profiles, hands and very dark photos"),
        (PHOTO, [replace(FACE, nose=(34, 34))], "a head is turned", "Profiles, hands and very dark photos"),
        (PHOTO, [FACE, moved(FACE, 25)], "heads are close together", "Several heads close together merge"),
    ],
)
def test_the_sentence_of_the_card_is_quoted(
    photo: Image.Image, faces: list[Face], seen: str, sentence: str
) -> None:
    (doubt,) = weaknesses(LIMITS, photo, faces)
    assert doubt.startswith(f"{seen}, and the model's card says: {sentence}")
    assert weaknesses("Clothes are a dark shape.", photo, faces) == []


def test_a_dark_face_in_a_bright_photo_is_dark() -> None:
    photo = PHOTO.copy()
    photo.paste((10, 10, 10), (20, 20, 40, 40))
    assert len(weaknesses(LIMITS, photo, [FACE])) == 1
