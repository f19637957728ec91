"""The frames of a video through the pipeline, with a stand-in for the detector."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core.prefetch import Success
from s2f_cli.faces import align
from s2f_cli.faces.align import AlignSettings
from s2f_cli.faces.geometry import Face
from s2f_cli.faces.manual_eyes import face_of_eyes
from s2f_cli.inference.frames import translate_frames
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translation import Translation

LEFT, RIGHT = (120.0, 80.0), (160.0, 80.0)
TREMBLE = np.random.default_rng(0).normal(0, 1, (12, 4))
LOST = (5, 6)


class SeenSizes:
    """Translates everything to gray, and notes at which sizes."""

    def __init__(self) -> None:
        self.faces: list[tuple[int, int]] = []
        self.whole: list[tuple[int, int]] = []

    def input_size(self, width: int, height: int, to: str, size: Any = "native") -> tuple[int, int]:
        return 32 * width // height, 32

    def pixel_budget(self, to: str) -> int:
        return 10**6

    def translate(self, inputs: Any, *_: Any, seen: Any = None, **__: Any) -> list[Image.Image]:
        if seen is None:
            self.faces += [image.size for image in inputs]
        else:
            self.whole += seen
        return [Image.new("L", image.size, 50 if seen is None else 200) for image in inputs]


def trembling(number: int) -> list[Face]:
    if number in LOST:
        return []
    x, y, right_x, right_y = TREMBLE[number]
    return [face_of_eyes((LEFT[0] + x, LEFT[1] + y), (RIGHT[0] + right_x, RIGHT[1] + right_y))]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[SeenSizes, list[Translation]]]:
    def translate(levels: list[int], tracked: bool = True) -> tuple[SeenSizes, list[Translation]]:
        """Translate frames of one gray level each; the faces of frame n are `trembling(n)`."""

        def found(image: Image.Image, aligner: str = "dlib") -> list[Face]:
            return trembling(image.getpixel((0, 0))[1])

        monkeypatch.setattr(align, "find", found)
        translator = SeenSizes()
        settings = AlignSettings(preset="ffhq", width=64, faces="all", min_eyes=0, max_width=200)
        pipeline = Pipeline(translator, "sketch", alignment=settings, paste_back="translated")  # type: ignore[arg-type]
        outcomes: Iterator[Any] = translate_frames(pipeline, list(frames(levels)), 25, tracked=tracked)
        return translator, [outcome.value for outcome in outcomes if isinstance(outcome, Success)]

    return translate


def frames(levels: list[int]) -> Iterator[Image.Image]:
    for number, level in enumerate(levels):
        image = Image.new("RGB", (240, 180), (level,) * 3)
        image.putpixel((0, 0), (0, number, 0))
        yield image


def test_a_face_is_never_lost_and_sizes_are_held(run) -> None:
    apart, alone = run([90] * 12, tracked=False)
    assert [n for n, t in enumerate(alone) if not t.faces] == list(LOST) and len(set(apart.faces)) > 1
    sizes, steady = run([90] * 12)
    assert all(len(translation.faces) == 1 for translation in steady)
    assert len(sizes.faces) == len(sizes.whole) == 12
    assert len(set(sizes.faces)) == len(set(sizes.whole)) == 1
    eyes = np.array([t.faces[0].face.left_eye for t in steady])
    found = np.array([t.faces[0].face.left_eye for t in alone if t.faces])
    assert np.abs(np.diff(eyes, axis=0)).mean() < 0.3 * np.abs(np.diff(found, axis=0)).mean()


def test_a_cut_begins_again(run) -> None:
    _, translations = run([90] * 4 + [200] * 4)
    assert translations[4].faces[0].face == trembling(4)[0]
    assert translations[5].no_face is False and translations[5].faces
