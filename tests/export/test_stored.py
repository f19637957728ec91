"""Files that are written from the ONNX graphs of a bundle equal those that torch writes."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor

from s2f_cli.core.errors import BundleError
from s2f_cli.core.onnx_runtime import open_session
from s2f_cli.export import plan
from s2f_cli.export.formats._half_storage import halve
from s2f_cli.export.formats.onnx import Onnx
from s2f_cli.export.formats.web import Web
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.export.stored import StoredNetwork
from s2f_cli.inference.usage import KEY, Usage
from s2f_cli.models import bundle, tracing
from s2f_cli.models.card import Card
from s2f_cli.models.networks import Network
from s2f_cli.models.networks._film import NormalisedConv2d
from s2f_cli.models.roles import Networks
from small_recipes import small


class Layers(Network):
    """Convolutions with and without a learnt length."""

    multiple = 2

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(
            NormalisedConv2d(channels, 16), torch.nn.Conv2d(16, 1, 3, padding=1)
        )

    def forward(self, image: Tensor) -> Tensor:
        return self.layers(image).tanh()


def model() -> tuple[Networks, Card]:
    """A direction and its refinement, with conditions."""
    recipe = small("face-to-sketch", 1)
    channels = 3 + recipe.conditions.width
    torch.manual_seed(0)
    networks = Networks(
        {"to_sketch": Layers(channels), "sketch_refiner": Layers(channels + 1)},
        recipe.directions,
        refinements=recipe.refinements,
    )
    return networks, Card(recipe=recipe, step=1, seed=0, data="", data_digest="")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle in half precision, with its graphs."""
    networks, card = model()
    path = tmp_path_factory.mktemp("stored") / "model.safetensors"
    bundle.save(path, networks.half(), card, tracing.trace(networks, card))
    return path


@pytest.fixture(scope="module")
def in_torch(file: Path) -> DirectionNetwork:
    """The same in torch."""
    networks, card = model()
    networks.load_state_dict(bundle.load_weights(file))
    return DirectionNetwork(networks.eval().requires_grad_(False), card, "sketch")


@pytest.mark.parametrize("kind", ["direction", "refinement"])
@pytest.mark.parametrize("halved", [False, True])
def test_the_file_gives_the_results_of_torch(file, in_torch, tmp_path, kind: str, halved: bool) -> None:
    stored, expected = StoredNetwork(file, in_torch.usage.card, "sketch"), in_torch
    if kind == "refinement":
        stored, expected = stored.refinement(), in_torch.refinement()
    assert (stored.usage, stored.input_names) == (expected.usage, expected.input_names)
    path = tmp_path / "x.onnx"
    stored.save(path)
    size = path.stat().st_size
    if halved:
        halve(path)
        assert path.stat().st_size < 0.95 * size
    onnx.checker.check_model(path, full_check=True)
    session = open_session(path)
    assert [value.name for value in session.get_outputs()] == ["sketch"]
    random = np.random.default_rng(0)
    for count, height, width in [(1, 32, 32), (2, 34, 38)]:
        image = random.uniform(-1, 1, (count, 3 + (kind == "refinement"), height, width)).astype(np.float32)
        vectors = random.uniform(-1, 1, (count, in_torch.usage.card.recipe.conditions.width)).astype(
            np.float32
        )
        (result,) = session.run(None, dict(zip(stored.input_names, (image, vectors), strict=True)))
        np.testing.assert_allclose(result, expected.run(image, vectors), atol=1e-5)
        np.testing.assert_allclose(stored.run(image, vectors), result, atol=1e-5)


def test_onnx_in_fp32_is_the_stored_graph_with_constants_computed(
    file, in_torch, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(in_torch, "stored", StoredNetwork(file, in_torch.usage.card, "sketch"))
    monkeypatch.setattr(torch.onnx, "export", None)
    path = tmp_path / "x.onnx"
    Onnx().write(in_torch, path, [])
    onnx.checker.check_model(path, full_check=True)
    document = onnx.load(path)
    assert Usage.model_validate_json(document.metadata_props[0].value) == in_torch.usage
    assert document.producer_name == "s2f"
    assert "ReduceSumSquare" not in {node.op_type for node in document.graph.node}
    width = in_torch.usage.card.recipe.conditions.width
    shapes = {
        value.name: [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in (*document.graph.input, *document.graph.output)
    }
    assert shapes == {
        "face": ["batch", 3, "2*rows", "2*columns"],
        "conditions": ["batch", width],
        "sketch": ["batch", 1, "2*rows", "2*columns"],
    }
    image = np.random.default_rng(0).uniform(-1, 1, (2, 3, 34, 38)).astype(np.float32)
    vectors = np.zeros((2, width), np.float32)
    np.testing.assert_allclose(Onnx().open(path)(image, vectors), in_torch.run(image, vectors), atol=1e-5)


def test_onnx_in_int8_is_the_stored_graph_quantised(file, in_torch, tmp_path, monkeypatch) -> None:
    networks, card = model()
    networks.load_state_dict(bundle.load_weights(file))
    network = DirectionNetwork(networks.eval(), card, "sketch", "int8")
    network.stored = StoredNetwork(file, card, "sketch")
    monkeypatch.setattr(torch.onnx, "export", None)
    random = np.random.default_rng(0)
    image = random.uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    vectors = np.zeros((1, card.recipe.conditions.width), np.float32)
    path = tmp_path / "x.onnx"
    Onnx().write(network, path, [(image, vectors)])
    document = onnx.load(path)
    (usage,) = [entry.value for entry in document.metadata_props if entry.key == KEY]
    assert Usage.model_validate_json(usage) == network.usage
    quantised = {node.output[0] for node in document.graph.node if node.op_type == "DequantizeLinear"}
    convolutions = [node for node in document.graph.node if node.op_type == "Conv"]
    assert [node.input[1] in quantised for node in convolutions] == [True, False]
    difference = np.abs(Onnx().open(path)(image, vectors) - in_torch.run(image, vectors))
    assert 0 < difference.max() < 0.02


def test_formats_are_given_the_graph(file, tiny_run) -> None:
    (direction,) = plan.directions([file])
    assert isinstance(direction.open(Web(), "fp32"), StoredNetwork)
    (direction, _) = plan.directions([tiny_run / "model.safetensors"])
    opened = [direction.open(*how) for how in ((Web(), "fp16"), (Web(), "int8"), (Onnx(), "fp32"))]
    assert all(isinstance(network, DirectionNetwork) for network in opened)
    assert [isinstance(network.stored, StoredNetwork) for network in opened] == [False, True, True]


def test_a_missing_direction_is_refused(file, in_torch) -> None:
    with pytest.raises(BundleError, match="cannot translate to face, only to sketch"):
        StoredNetwork(file, in_torch.usage.card, "face")
