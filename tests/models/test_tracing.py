"""The ONNX graphs of a model give the results of torch, with the weights of its bundle."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from s2f_cli.core import onnx_runtime
from s2f_cli.core.errors import BundleError
from s2f_cli.models import bundle, graphs, tracing
from s2f_cli.models.build import build_networks
from s2f_cli.models.card import Card
from s2f_cli.models.graphs import Graph
from s2f_cli.models.networks import Network, Stochastic
from s2f_cli.models.networks._film import NormalisedConv2d
from s2f_cli.models.roles import Networks
from small_recipes import small


class Layers(Network):
    """Convolutions of both kinds, in heights and widths that are even."""

    multiple = 2

    def __init__(self) -> None:
        super().__init__()
        self.first = NormalisedConv2d(11, 4, padding_mode="replicate")
        self.blocks = nn.Sequential(NormalisedConv2d(4, 4), nn.Conv2d(4, 1, 3, padding=1))

    def forward(self, image: Tensor) -> Tensor:
        return self.blocks(self.first(image).sin())


class Noise(Stochastic):
    def forward(self, image: Tensor) -> Tensor:
        return image[:, :1] + torch.randn_like(image[:, :1])


class Fixed(Network):
    """Depends on the size in a way that a trace does not see."""

    def forward(self, image: Tensor) -> Tensor:
        return image[:, :1] * float(image.shape[2])


@pytest.fixture(scope="module")
def card(conditional_layer) -> Card:
    return conditional_layer[1]


@pytest.fixture(scope="module")
def file(card: Card, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle in half precision, with its graph."""
    torch.manual_seed(0)
    networks = model(Layers())
    path = tmp_path_factory.mktemp("graph") / "model.safetensors"
    bundle.save(path, networks.half(), card, tracing.trace(networks, card))
    return path


def model(network: Network) -> Networks:
    return Networks({"to_sketch": network}, {"sketch": ["to_sketch"]}).eval()


def test_a_graph_gives_the_results_of_torch(file: Path) -> None:
    ((name, graph),) = graphs.read(file).items()
    assert (name, graph.multiple, graph.size) == ("directions.sketch", 2, None)
    session = onnx_runtime.open_session(graph.model, weights=graphs.read_weights(file, graph))
    networks = model(Layers())
    networks.load_state_dict({key: value.float() for key, value in bundle.load_weights(file).items()})
    for shape in ((1, 3, 6, 8), (3, 3, 10, 4)):
        image, conditions = torch.rand(shape), torch.rand(shape[0], 8)
        with torch.no_grad():
            expected = networks.translate(image, "sketch", conditions).numpy()
        (result,) = session.run(None, {"image": image.numpy(), "conditions": conditions.numpy()})
        assert np.abs(result - expected).max() < 1e-5


def test_a_graph_has_no_weights_and_does_not_depend_on_them(file: Path, card: Card) -> None:
    torch.manual_seed(1)
    assert tracing.trace(model(Layers()), card) == graphs.read(file)
    (graph,) = graphs.read(file).values()
    assert graph.parameters == sum(array.size for array in graphs.read_weights(file, graph).values())
    assert graph.lengths.keys() == {"to_sketch.first.weight", "to_sketch.blocks.0.weight"}


def test_weights_that_happen_to_be_equal_stay_apart(card: Card) -> None:
    networks = model(nn.Sequential(*(nn.Conv2d(11, 11, 1) for _ in range(2)), nn.BatchNorm2d(11)))
    networks.to_sketch.multiple, networks.to_sketch.size = 1, None
    for tensor in networks.state_dict().values():
        tensor.fill_(1)
    (graph,) = tracing.trace(networks, card).values()
    assert len(graph.weights) == 8


def test_tracing_changes_neither_networks_nor_random_numbers(card: Card) -> None:
    networks = model(Layers())
    before = {name: tensor.clone() for name, tensor in networks.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    tracing.trace(networks, card)
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(value, before[name]) for name, value in networks.state_dict().items())


def test_equal_networks_are_traced_once(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tracing.trace(model(Layers()), card)
    monkeypatch.setattr(tracing, "_trace", lambda *_: {})
    assert tracing.trace(model(Layers()), card) == first
    assert tracing.trace(model(nn.Sequential(Layers())), card) == {}


@pytest.mark.parametrize("name", ["cyclegan", "combogan", "cut", "pix2pix", "pix2pix-small"])
def test_recipes_with_instance_norm_or_attention_have_graphs(name: str) -> None:
    recipe = small(name, 1)
    networks = build_networks(recipe)
    card = Card(recipe=recipe, step=1, seed=0, data="", data_digest="")
    assert tracing.trace(networks, card).keys() == {"directions.face", "directions.sketch"}


@pytest.mark.parametrize("network", [Noise(), Fixed()])
def test_what_onnx_cannot_say_has_no_graph(network: Network, card: Card) -> None:
    assert tracing.trace(model(network), card) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"directions.sketch": {"multiple": 2}}'])
def test_invalid_graphs_are_an_error(file: Path, tmp_path: Path, monkeypatch, text: str) -> None:
    networks, card = model(Layers()), bundle.read_card(file)
    monkeypatch.setattr(graphs, "dump", lambda _: np.frombuffer(bytearray(text.encode()), np.uint8))
    bundle.save(tmp_path / "x.safetensors", networks, card, graphs.read(file))
    with pytest.raises(BundleError, match=r"the ONNX graphs in .*x\.safetensors are invalid"):
        graphs.read(tmp_path / "x.safetensors")


def test_a_weight_that_the_bundle_lacks_is_an_error(file: Path) -> None:
    (graph,) = graphs.read(file).values()
    other = Graph(**graph.model_dump() | {"weights": ("to_sketch.none",)})
    with pytest.raises(BundleError, match="do not fit its ONNX graph"):
        graphs.read_weights(file, other)
