"""Images of any size and kind in, images of the same size out, the same alone as in company."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.inference.translator import Translator, choose_device
from s2f_cli.models.build import build_networks
from s2f_cli.models.bundle import Card
from s2f_cli.models.recipes import read


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu")


@pytest.fixture(scope="session")
def squashing(tiny_run: Path) -> Translator:
    """An untrained translator of a recipe that squashes, with three channels both ways."""
    recipe = read("conv-ae", ["image.size=16"])
    torch.manual_seed(0)
    return Translator(
        build_networks(recipe), Card(recipe=recipe, step=0, seed=0, data="", data_digest=""), "cpu"
    )


def difference(one: Image.Image, other: Image.Image) -> int:
    assert (one.size, one.mode) == (other.size, other.mode)
    return int(np.abs(np.asarray(one, int) - np.asarray(other, int)).max())


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
    given = [Image.fromarray(generator.integers(0, 256, (h, w, 3), dtype=np.uint8)) for w, h in sizes]
    made = translator.translate(given, to)
    assert [image.size for image in made] == sizes
    assert {image.mode for image in made} == {"RGB" if to == "face" else "L"}
    for one, source in zip(made, given, strict=True):
        (alone,) = translator.translate([source], to)
        assert difference(one, alone) <= 1


def test_it_is_the_network_on_the_image(translator: Translator, drawing) -> None:
    picture = drawing(3)
    array = torch.from_numpy(images.to_array(picture, 3))[None]
    with torch.inference_mode():
        expected = translator.networks.to_sketch(array)[0].numpy()
    (made,) = translator.translate([picture], "sketch")
    assert difference(made, images.from_array(expected)) == 0


def test_an_oblong_image_is_seen_whole_at_the_size_of_training(translator: Translator, drawing) -> None:
    picture = drawing(3, 64, 32)
    shrunk = picture.resize((32, 16), Image.Resampling.BICUBIC)
    (made,), (expected,) = (translator.translate([one], "sketch") for one in (picture, shrunk))
    assert difference(made, expected.resize((64, 32), Image.Resampling.BICUBIC)) <= 1


def test_sides_that_do_not_divide_are_padded_with_the_edge(translator: Translator, drawing) -> None:
    picture = drawing(3, 16, 19)
    padded = Image.fromarray(np.pad(np.asarray(picture), ((0, 1), (0, 0), (0, 0)), mode="edge"))
    (made,), (expected,) = (translator.translate([one], "sketch") for one in (picture, padded))
    assert difference(made, expected.crop((0, 0, 16, 19))) <= 1


def test_a_squashing_recipe_sees_all_of_it(squashing: Translator, drawing) -> None:
    picture = drawing(3, 40, 24)
    square = picture.resize((16, 16), Image.Resampling.BICUBIC)
    (made,), (expected,) = (squashing.translate([one], "face") for one in (picture, square))
    assert difference(made, expected.resize((40, 24), Image.Resampling.BICUBIC)) <= 1


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_gray_and_color_inputs_are_alike_to_a_gray_domain(mode: str, translator: Translator, drawing) -> None:
    gray = drawing(3).convert("L")
    made, expected = (translator.translate([one], "face")[0] for one in (gray.convert(mode), gray))
    assert difference(made, expected) == 0


def test_the_size_that_training_saw(translator: Translator, drawing) -> None:
    picture = drawing(3, 40, 24)
    (made,) = translator.translate([picture], "sketch", size="model")
    (expected,) = translator.translate([translator.fit(picture, "face")], "sketch")
    assert made.size == (16, 16) and difference(made, expected) == 0


def test_no_images_make_none(translator: Translator) -> None:
    assert translator.translate([], "face") == []


def test_translating_changes_nothing(translator: Translator, drawing) -> None:
    before = {name: value.clone() for name, value in translator.networks.state_dict().items()}
    translator.translate([drawing(1)], "sketch")
    after = translator.networks.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_a_direction_that_is_not_there_is_named() -> None:
    recipe = read("conv-ae", ["image.size=16", "directions.face=[]", "weights={sketch = 1.0}"])
    one_way = Translator(
        build_networks(recipe), Card(recipe=recipe, step=0, seed=0, data="", data_digest=""), "cpu"
    )
    with pytest.raises(BundleError, match="this conv-ae model cannot translate to face, only to sketch"):
        one_way.require("face")


@pytest.mark.parametrize("name", ["tpu9", "cuda:99", ""])
def test_a_device_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(S2FError, match="cannot be used") as raised:
        choose_device(name)
    assert repr(name) in raised.value.message and raised.value.hint == "try --device cpu"


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_half_precision_is_a_grey_level_away(tiny_run: Path, translator: Translator, drawing) -> None:
    half = Translator.open(tiny_run / "model.safetensors", "cpu", "bf16")
    (made,), (expected,) = (one.translate([drawing(3, 40, 24)], "sketch") for one in (half, translator))
    assert 0 < difference(made, expected) <= 8


def test_large_pictures_go_through_in_tiles(tiny_run: Path, translator: Translator, drawing) -> None:
    """What the tiny U-Net sees at once is within the margin of a tile of 128 pixels."""
    tiled = Translator.open(tiny_run / "model.safetensors", "cpu")
    tiled.pixels = 128 * 128
    picture = drawing(3, 301, 190)
    (made,), (expected,) = (one.translate([picture], "sketch", "full") for one in (tiled, translator))
    assert difference(made, expected) <= 1


def test_a_thin_picture_is_not_enlarged_without_end(translator: Translator) -> None:
    assert translator.seen_size(100_000, 10, "sketch") == (100_000, 10)
    assert translator.seen_size(160, 10, "sketch") == (256, 16)
    assert translator.seen_size(320, 4, "sketch") == (572, 7)
    (made,) = translator.translate([Image.new("RGB", (20_000, 2), "gray")], "sketch")
    assert made.size == (20_000, 2)
