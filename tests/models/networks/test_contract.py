"""The contract of networks, for every file in the folder."""

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
"""Networks that take no images; tested on their own."""
NAMES = [name for name in registry.names("networks") if name not in OF_MAPS]
HEIGHT, WIDTH = 32, 48

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Small:
    """A small instance of a network: its options, and channels, height and width of its input and output."""

    options: dict[str, Any] = field(default_factory=dict)
    input: Shape = (3, HEIGHT, WIDTH)
    output: Shape = (3, HEIGHT, WIDTH)
    scale: float = 1.0
    """Output pixels per input pixel."""
    fixed: bool = False
    """Whether it takes no other size."""
    trained: bool = True
    """Whether it has weights."""


SMALL = {
    "ada": Small(trained=False),
    "diff_augment": Small(trained=False),
    "conv_autoencoder": Small({"in_channels": 1}, (1, HEIGHT, WIDTH)),
    "dense_decoder": Small({"size": 16, "widths": [4, 8]}, (4, 1, 1), (3, 16, 16), fixed=True),
    "dense_encoder": Small({"size": 16, "widths": [8, 4]}, (3, 16, 16), (4, 1, 1), fixed=True),
    "down_stack": Small({"widths": [4, 8]}, output=(8, HEIGHT // 4, WIDTH // 4), scale=1 / 4),
    "gaussian": Small(input=(6, HEIGHT, WIDTH), trained=False),
    "image_critic": Small({"size": 16, "widths": [4, 4, 8]}, (3, 16, 16), (1, 1, 1), fixed=True),
    "image_pool": Small({"capacity": 1}, trained=False),
    "latent_layers": Small({"width": 8, "layers": 2}, (8, 1, 1), (8, 1, 1), fixed=True),
    "lle": Small({"patch": 8}, trained=False),
    "lite_unet": Small(
        {"in_channels": 5, "conditions": 2, "widths": [48] * 5, "last": 4, "code": 8, "weights": "random"},
        (5, 32, 64),
        (3, 32, 64),
    ),
    "patch_critic": Small({"features": 4}, output=(1, 2, 4), scale=1 / 8),
    "pix2pix_unet": Small({"in_channels": 1, "features": 2, "levels": 4, "squeeze": 4}, (1, HEIGHT, WIDTH)),
    "resnet_decoder": Small({"features": 2, "blocks": 1}, (8, 8, 12), scale=4),
    "resnet_encoder": Small({"features": 2, "blocks": 1}, output=(8, 8, 12), scale=1 / 4),
    "residual_refiner": Small(
        {"in_channels": 6, "conditions": 2, "out_channels": 1, "features": 16, "blocks": 1, "last": 4},
        (6, HEIGHT, WIDTH),
        (1, HEIGHT, WIDTH),
    ),
    "residual_unet": Small(
        {"out_channels": 1, "widths": [64, 64], "blocks": [1, 1]}, output=(1, HEIGHT, WIDTH)
    ),
    "resnet": Small({"out_channels": 1, "features": 2, "blocks": 2}, output=(1, HEIGHT, WIDTH)),
    "up_stack": Small({"widths": [8, 4]}, input=(8, HEIGHT // 4, WIDTH // 4), scale=4),
    "vae_decoder": Small({"size": 16, "widths": [8, 8, 4], "latent": 6}, (6, 1, 1), (3, 16, 16), fixed=True),
    "vae_encoder": Small({"size": 16, "widths": [4, 8, 8], "latent": 6}, (3, 16, 16), (12, 1, 1), fixed=True),
    "vgg_decoder": Small(input=(512, 1, 2), output=(3, 32, 64), scale=32),
    "vgg_encoder": Small({"weights": "random"}, input=(3, 32, 64), output=(512, 1, 2), scale=1 / 32),
    "unet": Small({"in_channels": 1, "features": 8, "levels": 3}, (1, HEIGHT, WIDTH)),
}
"""A row for each network that does not take and return 3 channels, or is large by default."""


def row(name: str) -> Small:
    return SMALL.get(name, Small())


def build(name: str, seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return registry.find("networks", name)(**row(name).options)


def images_for(name: str, count: int = 2, add: int = 0) -> Tensor:
    """Images for a network, `add` pixels higher and wider than in its row."""
    generator = torch.Generator().manual_seed(1)
    channels, height, width = row(name).input
    return torch.rand(count, channels, height + add, width + add, generator=generator) * 2 - 1


def seeded_output(network: Network, images: Tensor) -> Tensor:
    """The output of a network, with the same random numbers in each call."""
    torch.manual_seed(2)
    return network(images)


@pytest.mark.parametrize("name", registry.names("networks"))
def test_fields_have_the_documented_types_and_ranges(name: str) -> None:
    network = build(name)
    assert isinstance(network, Network)
    assert isinstance(network.multiple, int) and network.multiple >= 1
    assert network.size is None or (isinstance(network.size, int) and network.size % network.multiple == 0)
    assert network.latent is None or network.latent == row(name).input[0]
    assert isinstance(network.prefers_channels_first, bool)


def of_class(kind: type[Network]) -> list[str]:
    return [name for name in NAMES if issubclass(registry.find("networks", name), kind)]


@pytest.mark.parametrize("name", of_class(Stochastic))
def test_the_mean_has_the_shape_of_a_sample_and_draws_nothing(name: str) -> None:
    network, images = build(name), images_for(name)
    state = torch.get_rng_state()
    mean = network.mean(images)
    assert torch.equal(torch.get_rng_state(), state)
    assert mean.shape == network(images).shape
    assert not torch.equal(network(images), network(images))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in of_class(Stochastic)])
def test_only_stochastic_networks_draw_random_numbers_when_they_translate(name: str) -> None:
    network, images = build(name).eval(), images_for(name)
    state = torch.get_rng_state()
    network(images)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", of_class(FeatureNetwork))
def test_feature_maps_belong_to_the_images_of_the_batch(name: str) -> None:
    network, images = build(name).eval(), images_for(name)
    maps = network.features(images)
    assert len(maps) > 1
    assert all(feature.ndim == 4 and len(feature) == len(images) for feature in maps)
    for feature, alone in zip(maps, network.features(images[:1]), strict=True):
        torch.testing.assert_close(feature[:1], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", of_class(Critic))
def test_a_critic_scores_augmented_images(name: str) -> None:
    class Inverted(Network):
        def forward(self, images: Tensor) -> Tensor:
            return -images

    plain, images = build(name), images_for(name)
    assert plain.augment is None
    torch.manual_seed(0)
    inverted = registry.find("networks", name)(**row(name).options, augment=Inverted())
    torch.testing.assert_close(inverted(images), plain(-images))


@pytest.mark.parametrize("name", of_class(AdaptiveAugmentation))
def test_an_adaptive_augmentation_grows_with_confident_scores(name: str) -> None:
    network, images = build(name), images_for(name)
    assert torch.equal(network(images), images)
    for _ in range(1000):
        network.observe(torch.ones(100, 1))
    assert not torch.equal(network(images), images)


@pytest.mark.parametrize("name", of_class(Memorizer))
def test_a_memorizer_translates_a_stored_source_to_its_target(name: str) -> None:
    network, images = build(name), images_for(name, 1)
    network.fit(images, -images)
    torch.testing.assert_close(network(images), -images, rtol=0, atol=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_output_has_the_documented_shape(name: str) -> None:
    assert build(name)(images_for(name)).shape == (2, *row(name).output)


@pytest.mark.parametrize("name", [name for name in NAMES if not row(name).fixed])
def test_takes_every_size_that_multiple_divides(name: str) -> None:
    network = build(name)
    assert all(side % network.multiple == 0 for side in row(name).input[1:])
    more = math.lcm(8, network.multiple)
    grown = int(more * row(name).scale)
    _, height, width = row(name).output
    assert network(images_for(name, add=more)).shape[2:] == (height + grown, width + grown)


@pytest.mark.parametrize("name", [name for name in NAMES if row(name).fixed])
def test_size_is_the_size_it_takes_or_returns(name: str) -> None:
    sizes = {row(name).input[1], row(name).output[1]} - {1}
    assert build(name).size in sizes or not sizes


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_reaches_every_parameter(name: str) -> None:
    network = build(name)
    trained = {key: value for key, value in network.named_parameters() if value.requires_grad}
    assert bool(trained) == row(name).trained
    if trained:
        network(images_for(name)).square().mean().backward()
    for key, parameter in trained.items():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        if parameter.ndim > 1:  # the gradient of a bias before a normalisation is zero
            assert parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", NAMES)
def test_weights_survive_safetensors(name: str) -> None:
    network, other = build(name, seed=0), build(name, seed=1)
    network(images_for(name))
    other.load_state_dict(safetensors.torch.load(safetensors.torch.save(network.state_dict())))
    assert torch.equal(
        seeded_output(network.eval(), images_for(name)), seeded_output(other.eval(), images_for(name))
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_image_does_not_depend_on_the_rest_of_its_batch(name: str) -> None:
    network, batch = build(name).eval(), images_for(name, 3)
    with torch.no_grad():
        alone = torch.cat([seeded_output(network, image[None]) for image in batch])
        torch.testing.assert_close(seeded_output(network, batch), alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_determines_the_initial_weights(name: str) -> None:
    first, again, other = (build(name, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first) == row(name).trained


@pytest.mark.parametrize("name", NAMES)
def test_can_be_built_on_the_meta_device(name: str) -> None:
    with torch.device("meta"):
        abstract = registry.find("networks", name)(**row(name).options)
    assert all(value.is_meta for value in abstract.state_dict().values())
    real = build(name).state_dict()
    assert {key: value.shape for key, value in abstract.state_dict().items()} == {
        key: value.shape for key, value in real.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_names_a_source(name: str) -> None:
    module = __import__(f"s2f_cli.models.networks.{name}", fromlist=["__doc__"])
    prose = f"{module.__doc__} {registry.find('networks', name).__doc__}"
    assert re.search(r"[Rr]eport [A-E]\b|\b(19|20)\d\d\b", prose)
