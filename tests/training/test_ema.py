import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn

from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.roles import Networks
from s2f_cli.training.ema import EMA

EMA_OPTIONS = ("--set", "players.generators.ema_decay=0.5", "--device", "cpu")


@pytest.fixture
def ema(tiny_recipe: Path) -> EMA:
    recipe = recipes.read(str(tiny_recipe))
    torch.manual_seed(0)
    return EMA(recipe, build_networks(recipe))


def test_only_the_networks_of_the_model_are_averaged(ema: EMA) -> None:
    assert set(ema.networks) == {"to_face", "to_sketch"}


def filled(networks: Networks, value: float) -> Networks:
    """A copy of networks with one value in all parameters."""
    networks = copy.deepcopy(networks)
    for parameter in networks.parameters():
        nn.init.constant_(parameter, value)
    return networks


def test_by_hand(ema: EMA) -> None:
    """The first step copies; later the decay is 0.5, or at most step / (10 + step)."""
    ema.update(filled(ema.networks, 1.0), {"to_face": 0.5}, step=0)
    ema.update(filled(ema.networks, 3.0), {"to_face": 0.5}, step=90)
    face, sketch = (next(ema.networks[role].parameters()) for role in ("to_face", "to_sketch"))
    assert face.unique().tolist() == [2.0]
    assert sketch.unique().tolist() == [3.0]
    ema.update(filled(ema.networks, 4.0), {"to_face": 0.999}, step=10)
    assert face.unique().tolist() == [3.0]


def test_the_bundle_holds_the_averages_and_resuming_is_exact(
    s2f: Callable, tiny_recipe: Path, data: Path, here: Path
) -> None:
    command = ("train", tiny_recipe, "--data", data, *EMA_OPTIONS)
    assert s2f(*command, "-o", "whole", "--steps", 4).code == 0
    assert s2f(*command, "-o", "parts", "--steps", 2).code == 0
    assert (
        s2f(
            "train", tiny_recipe, "--data", data, "-o", "parts", "--resume", "--steps", 4, "--device", "cpu"
        ).code
        == 0
    )
    whole, parts = (safetensors.torch.load_file(f"{run}/model.safetensors") for run in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    state = torch.load("whole/state.pt", weights_only=True)["networks"]
    assert any(not torch.equal(state[name], whole[name]) for name in whole if name.endswith("weight"))
