"""Bundles: saving and loading. Damaged files are in tests/end_to_end/bad_input."""

import json
import struct
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import BundleError
from s2f_cli.models import bundle, recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.roles import Networks


@pytest.fixture
def model(tiny_recipe: Path) -> tuple[Networks, Card]:
    recipe = recipes.read(str(tiny_recipe))
    torch.manual_seed(0)
    card = Card(recipe=recipe, step=7, seed=3, data="tiny, by hand", data_digest="0" * 64, licence="MIT")
    return build_networks(recipe), card


def test_weights_and_card_survive_a_round_trip(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    networks.to_face(torch.randn(2, 1, 16, 16))  # running statistics
    bundle.save(tmp_path / "model.safetensors", networks, card)
    loaded, loaded_card = bundle.load(tmp_path / "model.safetensors")
    assert loaded_card == card == bundle.read_card(tmp_path / "model.safetensors")
    assert loaded_card.directions == ("face", "sketch")
    expected = {name: value for name, value in networks.state_dict().items() if "critic" not in name}
    assert loaded.state_dict().keys() == expected.keys()
    assert all(torch.equal(value, expected[name]) for name, value in loaded.state_dict().items())
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    image = torch.randn(1, 1, 16, 16)
    assert torch.equal(loaded.translate(image, "face"), networks.eval().translate(image, "face"))


def test_critics_are_not_saved(model: tuple[Networks, Card], tmp_path: Path) -> None:
    bundle.save(tmp_path / "model.safetensors", *model)
    assert set(bundle.load(tmp_path / "model.safetensors")[0]) == {"to_face", "to_sketch"}


def test_equal_models_give_equal_bytes(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    bundle.save(tmp_path / "one.safetensors", networks, card)
    bundle.save(tmp_path / "two.safetensors", networks.to(memory_format=torch.channels_last), card)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


def test_any_program_can_read_the_card(model: tuple[Networks, Card], tmp_path: Path) -> None:
    """The format of safetensors: eight bytes of length, a JSON header with the card, the weights."""
    bundle.save(tmp_path / "model.safetensors", *model)
    content = (tmp_path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    card = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["s2f"])
    assert (card["step"], card["licence"], card["recipe"]["name"]) == (7, "MIT", "tiny")
    assert card["recipe"]["image"]["channels"] == {"face": 3, "sketch": 1}


def test_a_flipped_bit_changes_one_weight(model: tuple[Networks, Card], tmp_path: Path) -> None:
    """Weights are plain numbers: changing one byte changes one of them."""
    networks, card = model
    bundle.save(tmp_path / "model.safetensors", networks, card)
    content = bytearray((tmp_path / "model.safetensors").read_bytes())
    content[-1] ^= 0x40
    (tmp_path / "other.safetensors").write_bytes(content)
    first, other = (
        bundle.load(tmp_path / f"{name}.safetensors")[0].state_dict() for name in ("model", "other")
    )
    assert sum(not torch.equal(first[name], other[name]) for name in first) == 1


def test_half_precision_loads_as_float32(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    bundle.save(tmp_path / "model.safetensors", networks.half(), card)
    loaded, _ = bundle.load(tmp_path / "model.safetensors")
    assert all(p.dtype == torch.float32 for p in loaded.parameters())


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no model file"):
        bundle.read_card(tmp_path)
