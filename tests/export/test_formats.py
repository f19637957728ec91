"""Every format: the file gives PyTorch's output and carries its usage."""

import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from s2f_cli import __file__ as package
from s2f_cli.core import registry
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference.usage import Usage


def run_onnx(path: Path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map["s2f"]
    names, (output,) = [value.name for value in session.get_inputs()], session.get_outputs()
    return metadata, lambda *inputs: session.run(
        [output.name], {name: value.numpy() for name, value in zip(names, inputs, strict=True)}
    )[0]


def run_torchscript(path: Path):
    files = {"s2f.json": ""}
    module = torch.jit.load(path, _extra_files=files)
    return files["s2f.json"], lambda *inputs: module(*inputs).numpy()


def run_torch_export(path: Path):
    files = {"s2f.json": ""}
    module = torch.export.load(path, extra_files=files).module()
    return files["s2f.json"], lambda *inputs: module(*inputs).numpy()


OPEN = {"onnx": run_onnx, "torchscript": run_torchscript, "torch_export": run_torch_export}
FILES = [(name, kind) for name in OPEN for kind in ("any size", "square")]


def batch_for(network: DirectionNetwork, *shape: int) -> torch.Tensor:
    count, height, width = shape
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.rand(count, network.usage.channels_in, height, width, generator=generator) * 2 - 1


def test_every_format_is_tested() -> None:
    """`web` writes the same files as `onnx`, into a page that tests/web covers."""
    assert sorted([*OPEN, "web"]) == registry.names("exporters")


@pytest.mark.parametrize(("name", "kind"), FILES)
def test_the_file_gives_the_networks_output(exported, name: str, kind: str) -> None:
    network, path = exported(name, kind)
    _, run = OPEN[name](path)
    other_sizes = [(2, 6, 20), (1, 48, 24)] if kind == "any size" else []
    for shape in [(1, 32, 32), (3, 32, 32), *other_sizes]:
        batch = batch_for(network, *shape)
        expected = network(batch).numpy()
        assert np.ptp(expected) > 0.01
        np.testing.assert_allclose(run(batch), expected, atol=2e-6)


@pytest.mark.parametrize(("name", "kind"), FILES)
def test_the_file_carries_its_usage(exported, models, name: str, kind: str) -> None:
    _, path = exported(name, kind)
    usage = OPEN[name](path)[0]
    channels, multiple = (1, 2) if kind == "any size" else (3, 8)
    card = models[kind][1]
    expected = {
        "source": "sketch",
        "to": "face",
        "layout": "NCHW",
        "range": [-1, 1],
        "channels_in": channels,
        "channels_out": 3,
        "size": 32,
        "size_out": 32,
        "fit": "crop" if kind == "any size" else "squash",
        "any_size": kind == "any size",
        "multiple": multiple,
        "precision": "fp32",
        "card": json.loads(card.model_dump_json()),
    }
    assert json.loads(usage).items() >= expected.items()
    assert Usage.model_validate_json(usage).card == card


@pytest.mark.parametrize("name", OPEN)
def test_the_file_names_no_folder_of_this_machine(exported, name: str) -> None:
    _, path = exported(name)
    contents = [path.read_bytes()]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            contents = [archive.read(item) for item in archive.infolist()]
    folder = str(Path(package).parent).encode()
    assert not any(folder in content or b"site-packages" in content for content in contents)


def vectors_for(network: DirectionNetwork, count: int) -> torch.Tensor:
    """Condition vectors, each with another label and other colours."""
    conditions = network.usage.card.recipe.conditions
    values = [{"style": "fine"}, {"skin": "#123456"}, {"style": "fine", "backdrop": "black"}]
    return torch.tensor([conditions.vector(value) for value in values[:count]])


@pytest.mark.parametrize("name", OPEN)
def test_the_file_of_a_model_with_conditions_takes_their_vectors(exported, name: str) -> None:
    network, path = exported(name, "conditions", "sketch")
    usage, run = OPEN[name](path)
    assert Usage.model_validate_json(usage) == network.usage
    assert [(each["name"], each["numbers"]) for each in json.loads(usage)["conditions"]] == [
        ("style", [0, 1]),
        ("skin", pytest.approx([0.3647, -0.1216, -0.3098], abs=1e-4)),
        ("backdrop", [1, 1, 1]),
    ]
    for shape in [(1, 16, 16), (3, 16, 16), (2, 6, 20)]:
        batch, vectors = batch_for(network, *shape), vectors_for(network, shape[0])
        expected = network(batch, vectors).numpy()
        np.testing.assert_allclose(run(batch, vectors), expected, atol=2e-6)
        assert np.abs(expected - network(batch, vectors.flip(1)).numpy()).max() > 0.01


def test_onnx_names_the_vectors_conditions(exported) -> None:
    graph = onnx.load(exported("onnx", "conditions", "sketch")[1]).graph
    dims = {i.name: [d.dim_param or d.dim_value for d in i.type.tensor_type.shape.dim] for i in graph.input}
    assert dims == {"face": ["batch", 3, "2*rows", "2*columns"], "conditions": ["batch", 8]}


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_onnx_takes_conditions_in_every_precision(exported, precision: str) -> None:
    network, path = exported("onnx", "conditions", "sketch", precision)
    batch, vectors = batch_for(network, 3, 16, 16), vectors_for(network, 3)
    difference = np.abs(run_onnx(path)[1](batch, vectors) - network(batch, vectors).numpy())
    assert difference.max() < 0.01


def test_files_without_conditions_do_not_mention_them(exported) -> None:
    usage = json.loads(run_onnx(exported("onnx")[1])[0])
    assert "conditions" not in usage


@pytest.mark.parametrize("name", ["torchscript", "torch_export"])
def test_the_module_can_be_moved_to_half_precision(exported, name: str) -> None:
    network, path = exported(name)
    loaded = torch.jit.load(path) if name == "torchscript" else torch.export.load(path).module()
    batch = batch_for(network, 1, 32, 32)
    output = loaded.half()(batch.half())
    torch.testing.assert_close(output.float(), network(batch), atol=1e-2, rtol=0)


def test_onnx_has_dynamic_dimensions(exported) -> None:
    graph = onnx.load(exported("onnx")[1]).graph
    (input_,), (output,) = graph.input, graph.output
    assert (input_.name, output.name) == ("sketch", "face")
    for value, channels in ((input_, 1), (output, 3)):
        dims = [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        assert dims == ["batch", channels, "2*rows", "2*columns"]
    (square,) = onnx.load(exported("onnx", "square")[1]).graph.input
    assert [d.dim_param or d.dim_value for d in square.type.tensor_type.shape.dim] == ["batch", 3, 32, 32]


def test_onnx_is_one_valid_file_with_folded_constants(exported) -> None:
    _, path = exported("onnx", "square")
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path, load_external_data=False)
    assert model.producer_name == "s2f"
    assert not any(t.external_data for t in model.graph.initializer)
    counts = [node.op_type for node in model.graph.node]
    assert counts.count("Conv") == 7
    assert not {"Slice", "Transpose", "Reshape", "BatchNormalization"} & set(counts)


def test_onnx_in_fp16_stores_the_weights_in_half_precision(exported) -> None:
    network, path = exported("onnx", to="sketch", precision="fp16")
    weights = onnx.load(path).graph.initializer
    assert {w.data_type for w in weights if len(w.dims) == 4} == {onnx.TensorProto.FLOAT16}
    usage, run = run_onnx(path)
    assert json.loads(usage)["precision"] == "fp16"
    for shape in [(1, 32, 32), (3, 48, 24)]:
        batch = batch_for(network, *shape)
        np.testing.assert_allclose(run(batch), network(batch), atol=5e-3)


@pytest.mark.parametrize("kind", ["any size", "square", "residual"])
def test_onnx_in_int8_quantises_all_convolutions_but_the_last(exported, kind: str) -> None:
    network, path = exported("onnx", kind, precision="int8")
    graph = onnx.load(path).graph
    assert json.loads(run_onnx(path)[0])["precision"] == "int8"
    weights = {w.name: onnx.numpy_helper.to_array(w) for w in graph.initializer}
    from_int8 = {n.output[0] for n in graph.node if n.op_type == "DequantizeLinear"}
    convolutions = [n for n in graph.node if n.op_type == "Conv"]
    assert [n.input[1] in from_int8 for n in convolutions] == [True] * (len(convolutions) - 1) + [False]
    kernels = [w for w in weights.values() if w.dtype == np.int8 and w.ndim == 4]
    assert len(kernels) == len(convolutions) - 1
    assert max(np.abs(k.astype(int)).max() for k in kernels) <= 64
    _, run = run_onnx(path)
    batch = batch_for(network, 3, 32, 32)
    expected = network(batch).numpy()
    assert 0 < np.abs(run(batch) - expected).mean() < 0.05 * np.ptp(expected)
