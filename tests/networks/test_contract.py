"""What every network keeps to; a new file is tested by being there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from s2f_cli import parts

NAMES = parts.names("networks")


def same(height: int, width: int) -> tuple[int, int]:
    return height, width


@dataclass(frozen=True)
class Small:
    """A network made small: its options, its inputs' and outputs' channels, the output's height and width."""

    options: dict[str, Any] = field(default_factory=dict)
    channels: tuple[int, int] = (3, 3)
    shape: Callable[[int, int], tuple[int, int]] = same


SMALL = {
    "conv_autoencoder": Small({"in_channels": 1}, (1, 3)),
    "patch_critic": Small({"features": 4}, (3, 1), lambda height, width: (height // 8 - 2, width // 8 - 2)),
    "unet": Small({"in_channels": 1, "features": 8, "levels": 3}, (1, 3)),
}
"""A row for each network that is not 3 channels in and out, or large by default."""


def build(name: str, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return parts.find("networks", name)(**SMALL.get(name, Small()).options)


def images(name: str, count: int = 2, height: int = 32, width: int = 48) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, SMALL.get(name, Small()).channels[0], height, width, generator=generator) * 2 - 1


@pytest.mark.parametrize("name", NAMES)
def test_output_has_the_promised_shape(name: str) -> None:
    row = SMALL.get(name, Small())
    network = build(name)
    assert 32 % network.multiple == 0 == 48 % network.multiple
    assert network(images(name)).shape == (2, row.channels[1], *row.shape(32, 48))


@pytest.mark.parametrize("name", NAMES)
def test_any_multiple_of_its_multiple_will_do(name: str) -> None:
    network = build(name)
    step = network.multiple
    height, width = 24 + -24 % step, 24 + -24 % step + step
    row = SMALL.get(name, Small())
    assert network(images(name, 2, height, width)).shape[2:] == row.shape(height, width)


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_reaches_every_parameter(name: str) -> None:
    network = build(name)
    trained = {key: value for key, value in network.named_parameters() if value.requires_grad}
    network(images(name)).square().mean().backward()
    assert trained
    for key, parameter in trained.items():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        if parameter.ndim > 1:  # the gradient of a bias before a normalisation is zero
            assert parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", NAMES)
def test_weights_come_back_from_safetensors(name: str) -> None:
    network, other = build(name, seed=0), build(name, seed=1)
    network(images(name))
    other.load_state_dict(safetensors.torch.load(safetensors.torch.save(network.state_dict())))
    assert torch.equal(network.eval()(images(name)), other.eval()(images(name)))


@pytest.mark.parametrize("name", NAMES)
def test_an_image_does_not_depend_on_its_neighbours(name: str) -> None:
    network, batch = build(name).eval(), images(name, 3)
    with torch.no_grad():
        alone = torch.cat([network(image[None]) for image in batch])
        torch.testing.assert_close(network(batch), alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_the_start(name: str) -> None:
    first, again, other = (build(name, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", NAMES)
def test_builds_without_memory(name: str) -> None:
    with torch.device("meta"):
        planned = parts.find("networks", name)(**SMALL.get(name, Small()).options)
    assert all(value.is_meta for value in planned.state_dict().values())
    real = build(name).state_dict()
    assert {key: value.shape for key, value in planned.state_dict().items()} == {
        key: value.shape for key, value in real.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name: str) -> None:
    module = __import__(f"s2f_cli.networks.{name}", fromlist=["__doc__"])
    told = f"{module.__doc__} {parts.find('networks', name).__doc__}"
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", told)
