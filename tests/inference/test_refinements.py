"""Models with refinements add detail up to the size of the result."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.torch_engine import TorchEngine
from s2f_cli.inference.translator import Translator
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.networks import Network
from small_recipes import small


class Marks(Network):
    """Returns the translation with a brighter first column, and records what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, ...]] = []

    def forward(self, image: Tensor) -> Tensor:
        self.seen.append(tuple(image.shape[1:]))
        return image[:, -1:] + 0.25


@pytest.fixture
def translator() -> Translator:
    recipe = small("face-to-sketch", 1)
    torch.manual_seed(0)
    networks = build_networks(recipe)
    card = Card(recipe=recipe, step=1, seed=0, data="", data_digest="")
    return Translator(TorchEngine(networks, recipe, "cpu"), card)


def photo(width: int, height: int) -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
    return Image.fromarray(levels).resize((width, height))


def test_each_octave_sees_the_photo_and_the_conditions(translator: Translator) -> None:
    marks = translator.engine.networks["sketch_refiner"] = Marks()
    (result,) = translator.translate([photo(100, 80)], "sketch", conditions={"style": "bold"})
    assert (result.size, result.mode) == ((100, 80), "L")
    assert marks.seen == [(8, 51, 63), (8, 80, 100)] or marks.seen == [(8, 50, 64), (8, 80, 100)]


def test_at_full_resolution_and_for_small_results_nothing_is_refined(translator: Translator) -> None:
    marks = translator.engine.networks["sketch_refiner"] = Marks()
    translator.translate([photo(100, 80)], "sketch", "full")
    translator.translate([photo(100, 80)], "sketch", 24)
    translator.translate([photo(36, 34)], "sketch")
    assert marks.seen == []


def test_the_whole_image_is_refined_alike_in_tiles(translator: Translator) -> None:
    """Beyond their receptive field, tiles change nothing but rounding."""
    image = photo(160, 128)
    (whole,) = translator.translate([image], "sketch")
    translator.max_pixels = 64 * 64
    (tiled,) = translator.translate([image], "sketch")
    difference = np.abs(np.asarray(whole, np.int16) - np.asarray(tiled, np.int16))
    assert difference.max() <= 2


def test_faces_keep_the_resolution_of_their_photo(translator: Translator) -> None:
    alignment = Pipeline.build(translator, "sketch", TranslateOptions(align="ffhq")).alignment
    assert alignment is not None and (alignment.width, alignment.max_width) == (32, 2048)
