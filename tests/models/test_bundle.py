"""A model in one file: what goes in comes out, and nothing else is taken for one. Bad files: bad_input."""

import json
import struct
from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import BundleError
from s2f_cli.models import bundle, recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.bundle import Card
from s2f_cli.models.roles import Networks


@pytest.fixture
def model(tiny_recipe: Path) -> tuple[Networks, Card]:
    read = recipes.read(str(tiny_recipe))
    torch.manual_seed(0)
    card = Card(recipe=read, step=7, seed=3, data="tiny, by hand", data_digest="0" * 64, licence="MIT")
    return build_networks(read), card


def test_weights_and_card_come_back(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    networks.to_face(torch.randn(2, 1, 16, 16))  # running statistics
    bundle.save(tmp_path / "model.safetensors", networks, card)
    loaded, told = bundle.load(tmp_path / "model.safetensors")
    assert told == card == bundle.read_card(tmp_path / "model.safetensors")
    assert told.directions == ("face", "sketch")
    expected = {name: value for name, value in networks.state_dict().items() if "critic" not in name}
    assert loaded.state_dict().keys() == expected.keys()
    assert all(torch.equal(value, expected[name]) for name, value in loaded.state_dict().items())
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    image = torch.randn(1, 1, 16, 16)
    assert torch.equal(loaded.translate(image, "face"), networks.eval().translate(image, "face"))


def test_critics_stay_at_home(model: tuple[Networks, Card], tmp_path: Path) -> None:
    bundle.save(tmp_path / "model.safetensors", *model)
    assert set(bundle.load(tmp_path / "model.safetensors")[0]) == {"to_face", "to_sketch"}


def test_equal_models_are_equal_bytes(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    bundle.save(tmp_path / "one.safetensors", networks, card)
    bundle.save(tmp_path / "two.safetensors", networks.to(memory_format=torch.channels_last), card)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


def test_the_file_tells_any_program_what_it_is(model: tuple[Networks, Card], tmp_path: Path) -> None:
    """The format of safetensors: eight bytes of length, a head of JSON with the card, the numbers."""
    bundle.save(tmp_path / "model.safetensors", *model)
    content = (tmp_path / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    told = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["s2f"])
    assert (told["step"], told["licence"], told["recipe"]["name"]) == (7, "MIT", "tiny")
    assert told["recipe"]["image"]["channels"] == {"face": 3, "sketch": 1}


def test_a_flipped_weight_is_a_weight(model: tuple[Networks, Card], tmp_path: Path) -> None:
    """Loading runs no code and needs no other file: the numbers are whatever stands there."""
    networks, card = model
    bundle.save(tmp_path / "model.safetensors", networks, card)
    content = bytearray((tmp_path / "model.safetensors").read_bytes())
    content[-1] ^= 0x40
    (tmp_path / "other.safetensors").write_bytes(content)
    first, other = (
        bundle.load(tmp_path / f"{name}.safetensors")[0].state_dict() for name in ("model", "other")
    )
    assert sum(not torch.equal(first[name], other[name]) for name in first) == 1


def test_half_precision_is_read_in_full(model: tuple[Networks, Card], tmp_path: Path) -> None:
    networks, card = model
    bundle.save(tmp_path / "model.safetensors", networks.half(), card)
    loaded, _ = bundle.load(tmp_path / "model.safetensors")
    assert all(p.dtype == torch.float32 for p in loaded.parameters())


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no model file"):
        bundle.read_card(tmp_path)
