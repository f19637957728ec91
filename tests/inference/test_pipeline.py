"""The pipeline: faces of whole photos, their surroundings, and the order of results."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.core.prefetch import Failure, Success
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces.align import AlignSettings
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline, read_photo
from s2f_cli.inference.translation import Translation
from s2f_cli.inference.translator import Translator

FACE, WHOLE = 50, 200
"""Gray levels of translated faces, and of backgrounds."""


class FakeTranslator:
    """Translates faces to a dark gray, and photos that it sees at a given size to a bright one."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.calls: list[tuple[tuple[int, int], Any]] = []
        self.batches: list[int] = []
        """Images per call."""

    def input_size(self, width: int, height: int, to: str, size: Any = "native") -> tuple[int, int]:
        return (width, height) if size == "full" else (64 * width // height, 64)

    def pixel_budget(self, to: str) -> int:
        return self.budget

    def translate(
        self, inputs: Any, to: str, size: Any, *, seed: int, mean: bool, conditions: Any, seen: Any
    ) -> list[Image.Image]:
        self.batches.append(len(inputs))
        self.calls += (
            [(image.size, size) for image in inputs] if seen is None else [(s, "whole") for s in seen]
        )
        level = (FACE if seen is None else WHOLE) + seed
        level += {"": 0, "bold": 20}[conditions.get("style", "")]
        return [Image.new("L", image.size, level) for image in inputs]


@pytest.fixture
def group() -> Image.Image:
    photo = Image.new("RGB", (640, 300), "gray")
    for number in (0, 1):
        photo.paste(draw(looks(0, number)), (20 + 330 * number, 20))
    return photo


def fake_pipeline(alignment: AlignSettings | None = None, budget: int = 10**6, **fields: Any) -> Pipeline:
    alignment = alignment or AlignSettings(preset="cufs", width=64, faces="all")
    return Pipeline(FakeTranslator(budget), "sketch", alignment=alignment, **fields)  # type: ignore[arg-type]


def translate(pipeline: Pipeline, *photos: Image.Image) -> list[Translation]:
    outcomes = list(pipeline.run(photos))
    assert all(isinstance(outcome, Success) for outcome in outcomes)
    return [outcome.value for outcome in outcomes if isinstance(outcome, Success)]


def test_faces_are_pasted_into_the_translated_photo(group: Image.Image) -> None:
    (translation,) = translate(fake_pipeline(paste_back="translated"), group)
    levels = np.asarray(translation.image)
    assert (translation.image.size, translation.image.mode) == (group.size, "L")
    assert translation.inputs == [translation.photo]
    assert levels[0, 0] == WHOLE
    for face in translation.faces:
        x, y = (round(value) for value in face.face.left_eye)
        assert levels[y, x] == FACE


def test_the_photo_is_scaled_so_that_its_first_face_has_the_training_size(group: Image.Image) -> None:
    pipeline = fake_pipeline(paste_back="translated")
    (translation,) = translate(pipeline, group)
    (size,) = [size for size, kind in pipeline.translator.calls if kind == "whole"]
    assert size == tuple(round(side * translation.faces[0].transform.scale) for side in group.size)


@pytest.mark.parametrize(("missing", "batches"), [(0, [0, 4, 2]), (1, [0, 2, 1, 0, 2, 1])])
def test_faces_and_photo_count_towards_the_pixel_budget(
    group: Image.Image, missing: int, batches: list[int]
) -> None:
    """Each photo is seen whole, and its two faces with 64 pixels on the short side."""
    pipeline = fake_pipeline(paste_back="translated")
    pipeline.translate(group)
    ((width, height),) = [size for size, kind in pipeline.translator.calls if kind == "whole"]
    budget = 2 * (width * height + 2 * 64 * (64 * 64 // 80))
    pipeline = fake_pipeline(paste_back="translated", budget=budget - missing)
    translate(pipeline, group, group)
    assert pipeline.translator.batches == batches


def test_a_small_face_does_not_enlarge_the_photo(group: Image.Image) -> None:
    large = Image.new("RGB", (2000, 1500), "gray")
    large.paste(group, (100, 100))
    pipeline = fake_pipeline(AlignSettings(width=1024, min_eyes=0), paste_back="translated")
    pipeline.translate(large)
    assert ((2000, 1500), "whole") in pipeline.translator.calls


def test_faces_are_pasted_onto_the_photo_or_returned_alone(group: Image.Image) -> None:
    pasted = fake_pipeline(paste_back="photo").translate(group)
    assert pasted.mode == "RGB" and pasted.getpixel((0, 0)) == group.getpixel((0, 0))
    (separate,) = translate(fake_pipeline(paste_back="none"), group)
    assert [samples[0].size for samples in separate.results] == [(64, 80)] * 2
    assert [image.size for image in separate.inputs] == [(64, 80)] * 2
    assert len(separate.face_records) == 2 and len(separate.face_records[0]["matrix"]) == 6


def test_variants_are_told_in_turn_also_to_the_backdrop(group: Image.Image) -> None:
    variants = {"plain": {}, "bold": {"style": "bold"}}
    (translation,) = translate(fake_pipeline(paste_back="translated", variants=variants, samples=2), group)
    assert [image.getpixel((0, 0)) for image in translation.results[0]] == [
        WHOLE,
        WHOLE + 1,
        WHOLE + 20,
        WHOLE + 21,
    ]
    (onto,) = translate(fake_pipeline(paste_back="photo", variants=variants), group)
    assert len(onto.results[0]) == 2


def test_samples_of_different_photos_are_not_mixed(group: Image.Image) -> None:
    blank = Image.new("L", (90, 60), "gray")
    pipeline = fake_pipeline(paste_back="translated", samples=2, seed=3)
    translations = translate(pipeline, blank, group, blank)
    assert [[image.size for image in entry.results[0]] for entry in translations] == [
        [size] * 2 for size in ((90, 60), (640, 300), (90, 60))
    ]
    assert [image.getpixel((0, 0)) for image in translations[1].results[0]] == [WHOLE + 3, WHOLE + 4]


def test_a_number_as_size_is_the_short_side(group: Image.Image) -> None:
    assert fake_pipeline(paste_back="translated", size=150).translate(group).size == (320, 150)


def test_each_frame_gives_one_image_of_its_size(group: Image.Image) -> None:
    blank = Image.new("RGB", group.size, "gray")
    for paste_back in ("translated", "photo", "none"):
        pipeline = fake_pipeline(paste_back=paste_back, faces_optional=False).for_frames()
        assert [entry.image.size for entry in translate(pipeline, group, blank)] == [group.size] * 2


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu")


def test_outcomes_are_in_order_with_failures_in_place(
    translator: Translator, drawing, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.png" for number in range(4)]
    for number in (0, 1, 3):
        drawing(number, 20 + number, 16).save(files[number])
    outcomes = list(Pipeline.build(translator, "sketch").run(files))
    assert [outcome.item for outcome in outcomes] == files
    failed = outcomes.pop(2)
    assert isinstance(failed, Failure) and "there is no file" in failed.error.message
    for outcome in outcomes:
        assert isinstance(outcome, Success) and outcome.seconds > 0
        (expected,) = translator.translate([images.read(outcome.item)], "sketch")
        assert np.array_equal(outcome.value.image, expected)
        assert not outcome.value.faces and outcome.value.photo.size == expected.size


def test_store_gives_the_value_of_each_outcome(translator: Translator, drawing, tmp_path: Path) -> None:
    def store(photo: Image.Image, translation: Translation) -> Path:
        if photo is rejected:
            raise S2FError("the disk is full")
        file = tmp_path / f"{photo.width}.png"
        translation.image.save(file)
        return file

    photos = [drawing(number, 20 + number, 16) for number in range(3)]
    rejected = photos[1]
    first, second, third = Pipeline.build(translator, "sketch").run(photos, store)
    assert isinstance(first, Success) and first.value == tmp_path / "20.png"
    assert isinstance(second, Failure) and second.error.message == "the disk is full"
    assert isinstance(third, Success) and third.value.is_file()


def test_images_in_memory_are_read_like_files(drawing, tmp_path: Path) -> None:
    sideways, exif = drawing(1, 20, 30).convert("RGBA"), Image.Exif()
    sideways.putalpha(100)
    exif[0x0112] = 6
    sideways.save(tmp_path / "sideways.png", exif=exif)
    with Image.open(tmp_path / "sideways.png") as opened:
        photo = read_photo(opened)
    assert (photo.mode, photo.size) == ("RGB", (30, 20))
    assert np.array_equal(photo, images.read(tmp_path / "sideways.png"))
    assert read_photo(photo) is photo


@pytest.mark.parametrize(
    "options",
    [
        {"paste_back": "photo", "size": "model"},
        {"paste_back": "translated", "align": "none"},
        {"mean": True, "samples": 2},
    ],
)
def test_contradictory_options_are_errors(options: dict[str, Any]) -> None:
    with pytest.raises(S2FError) as raised:
        TranslateOptions(**options)
    assert raised.value.hint


def test_samples_of_a_deterministic_model_are_an_error(translator: Translator) -> None:
    with pytest.raises(BundleError, match="is deterministic"):
        Pipeline.build(translator, "sketch", TranslateOptions(samples=2))


def test_faces_are_aligned_as_the_card_says(translator: Translator) -> None:
    card = translator.card.model_copy(update={"alignment": "cufs"})
    aligning = Translator(translator.engine, card)
    assert Pipeline.build(translator, "sketch").alignment is None
    automatic = Pipeline.build(aligning, "sketch")
    assert automatic.alignment == AlignSettings("cufs", 16, "all", min_eyes=0)
    assert automatic.paste_back == "translated" and automatic.faces_optional
    square = Pipeline.build(aligning, "sketch", TranslateOptions(size="model"))
    assert square.paste_back == "none" and square.alignment == AlignSettings("cufs", 16, min_eyes=0)
    required = Pipeline.build(translator, "sketch", TranslateOptions(align="ffhq"))
    assert required.alignment == AlignSettings("ffhq", 16, "all", min_eyes=0)
    assert not required.faces_optional
    pasted = Pipeline.build(translator, "sketch", TranslateOptions(paste_back="photo"))
    assert pasted.alignment and pasted.alignment.preset == "report-b"
