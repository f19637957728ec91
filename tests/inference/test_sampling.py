from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from s2f_cli.core.errors import BundleError
from s2f_cli.data.manifest import Manifest
from s2f_cli.faces import colours
from s2f_cli.inference import sampling
from s2f_cli.inference.torch_engine import TorchEngine, seeded
from s2f_cli.inference.translator import Translator
from s2f_cli.inference.variances import variances_of
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.networks import Network
from s2f_cli.models.networks.gaussian import Gaussian
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks
from small_recipes import small


class Encoder(Network):
    """Encodes an image by its mean gray, with a variance of 0.01."""

    multiple = size = 8

    def forward(self, image: Tensor) -> Tensor:
        mean = image.mean(dim=(1, 2, 3))[:, None, None, None].expand(-1, 4, 1, 1)
        return torch.cat([mean, torch.full_like(mean, np.log(0.01))], dim=1)


class Decoder(Network):
    """Decodes a code to an image whose gray is the code's first number."""

    multiple, size, latent = 8, 8, 4

    def forward(self, code: Tensor) -> Tensor:
        return code[:, :1].expand(-1, 1, 8, 8)


def translator(**chains: dict[str, list[str]]) -> Translator:
    roles = {"encoder": Encoder(), "draw": Gaussian(), "decoder": Decoder()}
    networks = Networks(roles, **{"directions": {}, **chains})  # type: ignore[arg-type]
    recipe = Recipe.model_validate(
        {
            "name": "drawn",
            "title": "",
            "source": "",
            "image": {"size": 8, "fit": "crop", "channels": {"face": 1, "sketch": 1}},
            "networks": {},
            **chains,
            "stages": [
                {
                    "steps": 1,
                    "batch_size": 1,
                    "data": {"pairing": "unpaired"},
                    "objective": {"part": "gan"},
                    "weights": {},
                    "players": {},
                }
            ],
        }
    )
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    return Translator(TorchEngine(networks, recipe, "cpu"), card)


STOCHASTIC = {"face": ["encoder", "draw", "decoder"]}


def gray(level: int) -> Image.Image:
    return Image.new("L", (8, 8), level)


def levels(images: list[Image.Image]) -> list[int]:
    return [image.getpixel((0, 0)) for image in images]  # type: ignore[misc]


def test_a_sample_depends_on_the_seed_and_its_index_only() -> None:
    model = translator(samples={"face": ["decoder"]})
    many = levels(sampling.sample(model, "face", 20, seed=1))
    assert levels(sampling.sample(model, "face", 3, seed=1)) == many[:3]
    assert levels(sampling.sample(model, "face", 20, seed=2)) != many
    assert len(set(many)) > 10


def test_sampling_an_unsupported_domain_is_an_error() -> None:
    with pytest.raises(BundleError, match="cannot generate a sketch from noise, only a face"):
        sampling.sample(translator(samples={"face": ["decoder"]}), "sketch", 1)


def test_a_translation_depends_on_the_seed_and_not_on_its_batch() -> None:
    model = translator(directions=STOCHASTIC)
    together = levels(model.translate([gray(100), gray(150)] * 6, "face", seed=3))
    assert levels(model.translate([gray(150)], "face", seed=3)) == together[1:2]
    assert together == together[:2] * 6
    assert levels(model.translate([gray(150)], "face", seed=4)) != together[1:2]


def test_the_mean_is_not_random() -> None:
    model = translator(directions=STOCHASTIC)
    assert levels(model.translate([gray(100)], "face", mean=True)) == [100]
    assert model.is_stochastic("face")
    assert not translator(directions={"face": ["decoder"]}).is_stochastic("face")


def test_reconstructing_decodes_to_the_same_domain() -> None:
    model = translator(reconstructions=STOCHASTIC)
    (decoded,) = levels(model.reconstruct([gray(100)], "face"))
    assert decoded != 100 and abs(decoded - 100) < 60
    with pytest.raises(BundleError, match="does not reconstruct a sketch"):
        model.reconstruct([gray(100)], "sketch")


def test_variances_equal_those_computed_by_hand() -> None:
    """Rows differ by 0.8, columns by 0.4; the variance of two values is a quarter of the square."""
    rows = [[gray(0), gray(51)], [gray(102), gray(153)]]
    result = variances_of(rows)
    assert result.over_samples == pytest.approx(0.4**2 / 4)
    assert result.over_inputs == pytest.approx(0.8**2 / 4)


def test_codes_between_two_images_are_evenly_spaced() -> None:
    model = translator(directions=STOCHASTIC)
    assert levels(sampling.interpolate(model, gray(50), gray(150), "face", 5)) == [50, 75, 100, 125, 150]
    assert levels(sampling.interpolate(model, gray(50), gray(150), "face", 20))[::19] == [50, 150]


def test_interpolation_needs_a_latent_code() -> None:
    with pytest.raises(BundleError, match="no latent code between its input and a face"):
        sampling.interpolate(translator(directions={"face": ["decoder"]}), gray(0), gray(1), "face", 2)


def test_seeding_restores_the_random_state() -> None:
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    first = torch.rand(1)
    with seeded(99):
        torch.rand(5)
    assert torch.equal(torch.cat([first, torch.rand(1)]), expected)


def test_a_sheet_shows_people_with_their_own_conditions(
    conditional_model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = Manifest.read(data)
    styles = [
        entry.model_copy(update={"attributes": {"style": str(number + 1)}})
        for number, entry in enumerate(manifest.within("test")[:2])
    ]
    monkeypatch.setattr(colours, "find_eyes", lambda photo: None)
    translator = Translator.open(conditional_model, "cpu")
    calls: list[list[dict[str, str]]] = []
    translate = translator.translate

    def record(*arguments: Any, conditions: Any, **options: Any) -> list[Image.Image]:
        calls.append(conditions)
        return translate(*arguments, conditions=conditions, **options)

    monkeypatch.setattr(translator, "translate", record)
    sampling.sample_sheet(translator, Manifest(manifest.folder, manifest.header, styles), people=2)
    assert len(calls) == 2
    for given in calls:
        assert [each["style"] for each in given] == ["fine", "bold"]
        assert all(each.keys() == {"style", "backdrop"} for each in given)


def test_interpolation_tells_the_encoder_the_defaults() -> None:
    given = ("conditions.skin.default=fair", "networks.face_encoder.in_channels=6")
    recipe = small("cyclegan-vae", 1, *given, "networks.sketch_encoder.in_channels=4")
    card = Card(recipe=recipe, step=0, seed=0, data="", data_digest="")
    translator = Translator(TorchEngine(build_networks(recipe), recipe, "cpu"), card)
    image = Image.new("RGB", (16, 16))
    assert len(sampling.interpolate(translator, image, image, "face", 3)) == 3
