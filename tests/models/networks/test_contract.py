"""The contract of networks; a new file in the folder is tested without further ado."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from s2f_cli.core import registry
from s2f_cli.models.networks import (
    AdaptiveAugmentation,
    Critic,
    FeatureNetwork,
    Memorizer,
    Network,
    Stochastic,
)

OF_MAPS = {"patch_projector"}
"""What takes no images; tested on its own."""
NAMES = [name for name in registry.names("networks") if name not in OF_MAPS]
HEIGHT, WIDTH = 32, 48

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Small:
    """A network made small: its options, and the channels, height and width of what it takes and makes."""

    options: dict[str, Any] = field(default_factory=dict)
    takes: Shape = (3, HEIGHT, WIDTH)
    makes: Shape = (3, HEIGHT, WIDTH)
    scale: float = 1.0
    """How much larger its output gets with a larger input."""
    fixed: bool = False
    """It takes this size and no other."""
    trained: bool = True
    """It has weights."""


SMALL = {
    "ada": Small(trained=False),
    "diff_augment": Small(trained=False),
    "conv_autoencoder": Small({"in_channels": 1}, (1, HEIGHT, WIDTH)),
    "dense_decoder": Small({"size": 16, "widths": [4, 8]}, (4, 1, 1), (3, 16, 16), fixed=True),
    "dense_encoder": Small({"size": 16, "widths": [8, 4]}, (3, 16, 16), (4, 1, 1), fixed=True),
    "down_stack": Small({"widths": [4, 8]}, makes=(8, HEIGHT // 4, WIDTH // 4), scale=1 / 4),
    "gaussian": Small(takes=(6, HEIGHT, WIDTH), trained=False),
    "image_critic": Small({"size": 16, "widths": [4, 4, 8]}, (3, 16, 16), (1, 1, 1), fixed=True),
    "image_pool": Small({"capacity": 1}, trained=False),
    "latent_layers": Small({"width": 8, "layers": 2}, (8, 1, 1), (8, 1, 1), fixed=True),
    "lle": Small({"patch": 8}, trained=False),
    "patch_critic": Small({"features": 4}, makes=(1, 2, 4), scale=1 / 8),
    "pix2pix_unet": Small({"in_channels": 1, "features": 2, "levels": 4, "squeeze": 4}, (1, HEIGHT, WIDTH)),
    "resnet_decoder": Small({"features": 2, "blocks": 1}, (8, 8, 12), scale=4),
    "resnet_encoder": Small({"features": 2, "blocks": 1}, makes=(8, 8, 12), scale=1 / 4),
    "residual_unet": Small(
        {"out_channels": 1, "widths": [64, 64], "blocks": [1, 1]}, makes=(1, HEIGHT, WIDTH)
    ),
    "resnet": Small({"out_channels": 1, "features": 2, "blocks": 2}, makes=(1, HEIGHT, WIDTH)),
    "up_stack": Small({"widths": [8, 4]}, takes=(8, HEIGHT // 4, WIDTH // 4), scale=4),
    "vae_decoder": Small({"size": 16, "widths": [8, 8, 4], "latent": 6}, (6, 1, 1), (3, 16, 16), fixed=True),
    "vae_encoder": Small({"size": 16, "widths": [4, 8, 8], "latent": 6}, (3, 16, 16), (12, 1, 1), fixed=True),
    "vgg_decoder": Small(takes=(512, 1, 2), makes=(3, 32, 64), scale=32),
    "vgg_encoder": Small({"weights": "random"}, takes=(3, 32, 64), makes=(512, 1, 2), scale=1 / 32),
    "unet": Small({"in_channels": 1, "features": 8, "levels": 3}, (1, HEIGHT, WIDTH)),
}
"""A row for each network that is not 3 channels in and out, or large by default."""


def row(name: str) -> Small:
    return SMALL.get(name, Small())


def build(name: str, seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return registry.find("networks", name)(**row(name).options)


def given(name: str, count: int = 2, add: int = 0) -> Tensor:
    """Images for a network, `add` pixels higher and wider than its row says."""
    generator = torch.Generator().manual_seed(1)
    channels, height, width = row(name).takes
    return torch.rand(count, channels, height + add, width + add, generator=generator) * 2 - 1


def called(network: Network, images: Tensor) -> Tensor:
    """What a network makes of images, whatever it draws always drawn alike."""
    torch.manual_seed(2)
    return network(images)


@pytest.mark.parametrize("name", registry.names("networks"))
def test_fields_have_the_documented_types_and_ranges(name: str) -> None:
    network = build(name)
    assert isinstance(network, Network)
    assert isinstance(network.multiple, int) and network.multiple >= 1
    assert network.size is None or (isinstance(network.size, int) and network.size % network.multiple == 0)
    assert network.latent is None or network.latent == row(name).takes[0]
    assert isinstance(network.prefers_channels_first, bool)


def of_class(kind: type[Network]) -> list[str]:
    return [name for name in NAMES if issubclass(registry.find("networks", name), kind)]


@pytest.mark.parametrize("name", of_class(Stochastic))
def test_the_mean_has_the_shape_of_a_sample_and_draws_nothing(name: str) -> None:
    network, images = build(name), given(name)
    state = torch.get_rng_state()
    mean = network.mean(images)
    assert torch.equal(torch.get_rng_state(), state)
    assert mean.shape == network(images).shape
    assert not torch.equal(network(images), network(images))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in of_class(Stochastic)])
def test_only_stochastic_networks_draw_random_numbers_when_they_translate(name: str) -> None:
    network, images = build(name).eval(), given(name)
    state = torch.get_rng_state()
    network(images)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", of_class(FeatureNetwork))
def test_feature_maps_belong_to_the_images_of_the_batch(name: str) -> None:
    network, images = build(name).eval(), given(name)
    maps = network.features(images)
    assert len(maps) > 1
    assert all(feature.ndim == 4 and len(feature) == len(images) for feature in maps)
    for feature, alone in zip(maps, network.features(images[:1]), strict=True):
        torch.testing.assert_close(feature[:1], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", of_class(Critic))
def test_a_critic_scores_what_its_augmentation_returns(name: str) -> None:
    class Inverted(Network):
        def forward(self, images: Tensor) -> Tensor:
            return -images

    plain, images = build(name), given(name)
    assert plain.augment is None
    torch.manual_seed(0)
    inverted = registry.find("networks", name)(**row(name).options, augment=Inverted())
    torch.testing.assert_close(inverted(images), plain(-images))


@pytest.mark.parametrize("name", of_class(AdaptiveAugmentation))
def test_an_adaptive_augmentation_grows_with_confident_scores(name: str) -> None:
    network, images = build(name), given(name)
    assert torch.equal(network(images), images)
    for _ in range(1000):
        network.observe(torch.ones(100, 1))
    assert not torch.equal(network(images), images)


@pytest.mark.parametrize("name", of_class(Memorizer))
def test_a_memorizer_gives_back_a_stored_pair(name: str) -> None:
    network, images = build(name), given(name, 1)
    network.fit(images, -images)
    torch.testing.assert_close(network(images), -images, rtol=0, atol=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_output_has_the_promised_shape(name: str) -> None:
    assert build(name)(given(name)).shape == (2, *row(name).makes)


@pytest.mark.parametrize("name", [name for name in NAMES if not row(name).fixed])
def test_any_multiple_of_its_multiple_will_do(name: str) -> None:
    network = build(name)
    assert all(side % network.multiple == 0 for side in row(name).takes[1:])
    more = math.lcm(8, network.multiple)
    grown = int(more * row(name).scale)
    _, height, width = row(name).makes
    assert network(given(name, add=more)).shape[2:] == (height + grown, width + grown)


@pytest.mark.parametrize("name", [name for name in NAMES if row(name).fixed])
def test_says_the_size_it_is_built_for(name: str) -> None:
    sizes = {row(name).takes[1], row(name).makes[1]} - {1}
    assert build(name).size in sizes or not sizes


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_reaches_every_parameter(name: str) -> None:
    network = build(name)
    trained = {key: value for key, value in network.named_parameters() if value.requires_grad}
    assert bool(trained) == row(name).trained
    if trained:
        network(given(name)).square().mean().backward()
    for key, parameter in trained.items():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        if parameter.ndim > 1:  # the gradient of a bias before a normalisation is zero
            assert parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", NAMES)
def test_weights_come_back_from_safetensors(name: str) -> None:
    network, other = build(name, seed=0), build(name, seed=1)
    network(given(name))
    other.load_state_dict(safetensors.torch.load(safetensors.torch.save(network.state_dict())))
    assert torch.equal(called(network.eval(), given(name)), called(other.eval(), given(name)))


@pytest.mark.parametrize("name", NAMES)
def test_an_image_does_not_depend_on_its_neighbours(name: str) -> None:
    network, batch = build(name).eval(), given(name, 3)
    with torch.no_grad():
        alone = torch.cat([called(network, image[None]) for image in batch])
        torch.testing.assert_close(called(network, batch), alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_the_start(name: str) -> None:
    first, again, other = (build(name, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first) == row(name).trained


@pytest.mark.parametrize("name", NAMES)
def test_builds_without_memory(name: str) -> None:
    with torch.device("meta"):
        planned = registry.find("networks", name)(**row(name).options)
    assert all(value.is_meta for value in planned.state_dict().values())
    real = build(name).state_dict()
    assert {key: value.shape for key, value in planned.state_dict().items()} == {
        key: value.shape for key, value in real.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name: str) -> None:
    module = __import__(f"s2f_cli.models.networks.{name}", fromlist=["__doc__"])
    told = f"{module.__doc__} {registry.find('networks', name).__doc__}"
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", told)
