"""Backgrounds of sketches, with a person in the left half of each photo."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError, S2FError
from s2f_cli.core.prefetch import Failure
from s2f_cli.inference import backgrounds
from s2f_cli.inference.backgrounds import replaced, require_person
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline

PHOTO = Image.new("RGB", (40, 20), "gray")


@pytest.fixture(autouse=True)
def mask(monkeypatch: pytest.MonkeyPatch) -> None:
    def left_half(photo: Image.Image) -> np.ndarray:
        shares = np.zeros((photo.height, photo.width), np.float32)
        shares[:, : photo.width // 2] = photo.getpixel((0, 0))[0] > 0
        return shares

    monkeypatch.setattr(backgrounds, "person_mask", left_half)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(40, 20), (80, 40)])
def test_the_scene_becomes_white_or_transparent(mode: str, size: tuple[int, int]) -> None:
    sketch = Image.new(mode, size, "black")
    left, right = (2, 2), (size[0] - 3, 2)
    white = replaced(sketch, PHOTO, "white")
    assert (white.mode, white.size) == (mode, size)
    assert np.max(white.getpixel(left)) == 0 and np.min(white.getpixel(right)) == 255
    clear = replaced(sketch, PHOTO, "transparent")
    assert clear.mode == {"L": "LA", "RGB": "RGBA"}[mode]
    assert (clear.getpixel(left)[-1], clear.getpixel(right)[-1]) == (255, 0)
    assert replaced(sketch, PHOTO, "keep") is sketch


def test_a_photo_without_a_person_is_an_error() -> None:
    require_person(PHOTO)
    with pytest.raises(ImageError, match="no person was found"):
        require_person(Image.new("RGB", (40, 20)))


def test_backgrounds_are_for_sketches() -> None:
    with pytest.raises(S2FError, match="for sketches"):
        Pipeline.build(SimpleNamespace(require=lambda to: None), "face", TranslateOptions(background="white"))


def test_the_pipeline_replaces_them_and_names_photos_without_a_person() -> None:
    class Blacken:
        """A translator whose sketches are black."""

        def input_size(self, width: int, height: int, *_: object) -> tuple[int, int]:
            return width, height

        def pixel_budget(self, to: str) -> int:
            return 10**6

        def translate(self, inputs: list[Image.Image], *_: object, **__: object) -> list[Image.Image]:
            return [Image.new("L", image.size) for image in inputs]

    pipeline = Pipeline(Blacken(), "sketch", background="white")
    person, nobody = pipeline.run([PHOTO, Image.new("RGB", (40, 20))])
    assert np.asarray(person.value.image).mean(axis=0).tolist() == [0] * 20 + [255] * 20
    assert isinstance(nobody, Failure) and "no person" in nobody.error.message
    assert pipeline.for_frames().background == "white"
    assert Pipeline(Blacken(), "sketch", background="transparent").for_frames().background == "white"
