"""Tiny models: for images of any size, for squashed squares, of residual blocks, and with conditions."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.export import examples as _examples
from s2f_cli.export import parity
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.models import bundle, recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.domains import other
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks

UNET = ["networks.{}.features=4", "networks.{}.levels=1", "networks.{}.bottleneck_groups=2"]
RESIDUAL = (
    'networks.to_face={part="residual_unet", in_channels=1, out_channels=3, '
    "widths=[8, 16], blocks=[1, 1], last=16}"
)
CHANGED = {
    "any size": ("cyclegan-unet", [o.format(role) for role in ("to_face", "to_sketch") for o in UNET]),
    "square": ("conv-ae", []),
    "residual": ("unet-pairs", [RESIDUAL]),
}


def model_of(recipe: Recipe) -> tuple[Networks, Card]:
    """Networks with batch-norm statistics of some data, so that different images give different outputs."""
    torch.manual_seed(0)
    networks = build_networks(recipe).train()
    for _ in range(20):
        for to in networks.directions:
            networks.translate(torch.rand(4, *recipe.image.shape(other(to))) * 2 - 1, to)
    card = Card(recipe=recipe, step=1, seed=0, data="tests", data_digest="0", licence="MIT")
    return networks.eval().requires_grad_(False), card


@pytest.fixture(scope="session")
def models(conditional_layer: tuple[Networks, Card]) -> dict[str, tuple[Networks, Card]]:
    return {
        kind: model_of(recipes.read(name, ["image.size=32", *overrides]))
        for kind, (name, overrides) in CHANGED.items()
    } | {"conditions": conditional_layer}


@pytest.fixture(scope="session")
def model(models) -> tuple[Networks, Card]:
    """A model that takes images of any size, both ways: one-channel sketches, three-channel faces."""
    return models["any size"]


@pytest.fixture(scope="session")
def model_file(model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    bundle.save(file, *model)
    return file


@pytest.fixture(scope="session")
def exported(
    models, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[DirectionNetwork, Path]]:
    """Exports a tiny model, each variant once; returns the exported network and its file."""
    folder = tmp_path_factory.mktemp("exported")
    cache = {}

    def export(format: str, kind: str = "any size", to: str = "face", precision: str = "fp32"):
        key = (format, kind, to, precision)
        if key not in cache:
            network = DirectionNetwork(*models[kind], to, precision)
            exporter = registry.find("exporters", format)()
            path = folder / f"{'-'.join(key)}{exporter.suffix}"
            examples = _examples.find_examples(network.usage, None, folder)
            parity.export(exporter, network, path, examples)
            cache[key] = network, path
        return cache[key]

    return export
