"""A translator takes images of any size and mode, and gives the same result alone and in a batch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from s2f_cli.core import images, processor
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.inference.torch_engine import TorchEngine, choose_device
from s2f_cli.inference.translator import Translator
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.recipes import read


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu", engine="torch")


@pytest.fixture(scope="session")
def squashing(tiny_run: Path) -> Translator:
    """An untrained translator of a recipe that squashes, with three channels both ways."""
    recipe = read("conv-ae", ["image.size=16"])
    torch.manual_seed(0)
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    return Translator(TorchEngine(build_networks(recipe), recipe, "cpu"), card)


def difference(first: Image.Image, second: Image.Image) -> int:
    assert (first.size, first.mode) == (second.size, second.mode)
    return int(np.abs(np.asarray(first, int) - np.asarray(second, int)).max())


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=4),
    to=st.sampled_from(["face", "sketch"]),
    seed=st.integers(0, 9),
)
def test_every_image_keeps_its_size(
    translator: Translator, sizes: list[tuple[int, int]], to: str, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    inputs = [Image.fromarray(generator.integers(0, 256, (h, w, 3), dtype=np.uint8)) for w, h in sizes]
    results = translator.translate(inputs, to)
    assert [image.size for image in results] == sizes
    assert {image.mode for image in results} == {"RGB" if to == "face" else "L"}
    for result, image in zip(results, inputs, strict=True):
        (alone,) = translator.translate([image], to)
        assert difference(result, alone) <= 1


def test_the_result_is_the_output_of_the_network(translator: Translator, drawing) -> None:
    image = drawing(3)
    array = torch.from_numpy(images.to_array(image, 3))[None]
    with torch.inference_mode():
        expected = translator.engine.networks.to_sketch(array)[0].numpy()
    (result,) = translator.translate([image], "sketch")
    assert difference(result, images.from_array(expected)) == 0


def test_an_oblong_image_is_translated_whole_at_the_training_size(translator: Translator, drawing) -> None:
    image = drawing(3, 64, 32)
    shrunk = image.resize((32, 16), Image.Resampling.BICUBIC)
    (result,), (expected,) = (translator.translate([source], "sketch") for source in (image, shrunk))
    assert difference(result, expected.resize((64, 32), Image.Resampling.BICUBIC)) <= 1


def test_sides_that_do_not_divide_are_padded_with_the_edge(translator: Translator, drawing) -> None:
    image = drawing(3, 16, 19)
    padded = Image.fromarray(np.pad(np.asarray(image), ((0, 1), (0, 0), (0, 0)), mode="edge"))
    (result,), (expected,) = (translator.translate([source], "sketch") for source in (image, padded))
    assert difference(result, expected.crop((0, 0, 16, 19))) <= 1


def test_a_squashing_recipe_sees_the_whole_image(squashing: Translator, drawing) -> None:
    image = drawing(3, 40, 24)
    square = image.resize((16, 16), Image.Resampling.BICUBIC)
    (result,), (expected,) = (squashing.translate([source], "face") for source in (image, square))
    assert difference(result, expected.resize((40, 24), Image.Resampling.BICUBIC)) <= 1


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_mode_of_a_gray_image_does_not_matter(mode: str, translator: Translator, drawing) -> None:
    gray = drawing(3).convert("L")
    result, expected = (translator.translate([image], "face")[0] for image in (gray.convert(mode), gray))
    assert difference(result, expected) == 0


def test_size_model_is_the_square_of_training(translator: Translator, drawing) -> None:
    image = drawing(3, 40, 24)
    (result,) = translator.translate([image], "sketch", size="model")
    (expected,) = translator.translate([translator.fit(image, "face")], "sketch")
    assert result.size == (16, 16) and difference(result, expected) == 0


def test_no_images_give_no_results(translator: Translator) -> None:
    assert translator.translate([], "face") == []


def test_translating_does_not_change_the_weights(translator: Translator, drawing) -> None:
    before = {name: value.clone() for name, value in translator.engine.networks.state_dict().items()}
    translator.translate([drawing(1)], "sketch")
    after = translator.engine.networks.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_translation_keeps_the_layout_of_the_weights(layout: torch.memory_format, drawing) -> None:
    """A training writes samples, and continues with the same networks."""
    recipe = read("pix2pix", ["networks.to_sketch.features=4", "networks.to_face.features=4"])
    networks = build_networks(recipe).to(memory_format=layout)
    before = [weight.stride() for weight in networks.parameters()]
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    Translator(TorchEngine(networks, recipe, "cpu"), card).translate([drawing(3, 256, 256)], "sketch")
    assert [weight.stride() for weight in networks.parameters()] == before


def test_a_missing_direction_is_an_error() -> None:
    recipe = read("conv-ae", ["image.size=16", "directions.face=[]", "weights={sketch = 1.0}"])
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    one_way = Translator(TorchEngine(build_networks(recipe), recipe, "cpu"), card)
    with pytest.raises(BundleError, match="this conv-ae model cannot translate to face, only to sketch"):
        one_way.require("face")


def test_a_missing_device_is_an_error() -> None:
    with pytest.raises(S2FError, match="'cuda:99' cannot be used") as raised:
        choose_device("cuda:99")
    assert raised.value.hint == "try --device cpu"


@pytest.mark.parametrize("name", ["cdua", "tpu9", ""])
def test_an_unknown_device_is_named_with_the_known_ones(name: str) -> None:
    with pytest.raises(S2FError, match=f"there is no device {name!r}") as raised:
        choose_device(name)
    assert "known: auto, cpu, cuda, mps" in raised.value.hint
    assert ("did you mean 'cuda'" in raised.value.hint) == (name == "cdua")


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_a_gpu_if_there_is_one(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == expected
    assert choose_device("cpu").type == "cpu"


def test_half_precision_differs_by_a_few_grey_levels(
    tiny_run: Path, translator: Translator, drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "native_bf16", lambda: True)
    half = Translator.open(tiny_run / "model.safetensors", "cpu", "bf16")
    (result,), (expected,) = (model.translate([drawing(3, 40, 24)], "sketch") for model in (half, translator))
    assert 0 < difference(result, expected) <= 8


def test_large_images_are_tiled(tiny_run: Path, translator: Translator, drawing) -> None:
    """The receptive field of the tiny U-Net is within the margin of a tile of 128 pixels."""
    tiled = Translator.open(tiny_run / "model.safetensors", "cpu")
    tiled.max_pixels = 128 * 128
    image = drawing(3, 301, 190)
    (result,), (expected,) = (model.translate([image], "sketch", "full") for model in (tiled, translator))
    assert difference(result, expected) <= 1


def test_the_enlargement_of_a_thin_image_is_limited(translator: Translator) -> None:
    assert translator.input_size(100_000, 10, "sketch") == (100_000, 10)
    assert translator.input_size(160, 10, "sketch") == (256, 16)
    assert translator.input_size(320, 4, "sketch") == (572, 7)
    (result,) = translator.translate([Image.new("RGB", (20_000, 2), "gray")], "sketch")
    assert result.size == (20_000, 2)


def test_conditions_are_told_to_all_images_or_to_each(conditional_model: Path, drawing) -> None:
    model = Translator.open(conditional_model, "cpu")
    inputs = [drawing(1), drawing(2, 40, 24), drawing(1)]
    default, fine = (model.translate(inputs, "sketch", conditions=c) for c in (None, {"style": "fine"}))
    mixed = model.translate(inputs, "sketch", conditions=[{}, {"style": "fine"}, {"style": "fine"}])
    expected = [default[0], fine[1], fine[2]]
    assert all(difference(*pair) <= 1 for pair in zip(mixed, expected, strict=True))
    assert all(difference(*pair) for pair in zip(default, fine, strict=True))
    assert [model.condition_vectors(None, 3).shape, model.translate([], "sketch")] == [(3, 8), []]  # type: ignore[union-attr]


def test_tiles_are_told_the_conditions_of_their_image(conditional_model: Path, drawing) -> None:
    model = Translator.open(conditional_model, "cpu")
    whole = model.translate([drawing(1, 64, 64)], "sketch", "full", conditions={"style": "fine"})[0]
    model.max_pixels = 48 * 48
    tiled = model.translate([drawing(1, 64, 64)], "sketch", "full", conditions={"style": "fine"})[0]
    default = model.translate([drawing(1, 64, 64)], "sketch", "full")[0]
    assert np.abs(np.asarray(tiled, int) - whole).mean() < np.abs(np.asarray(tiled, int) - default).mean()


def test_unknown_conditions_are_errors(translator: Translator, drawing) -> None:
    with pytest.raises(S2FError, match="no condition 'style'"):
        translator.translate([drawing(1)], "sketch", conditions={"style": "fine"})
