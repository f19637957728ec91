"""The choice between the engines; both give the same images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import onnx_runtime, processor
from s2f_cli.core.errors import BundleError, S2FError
from s2f_cli.inference import engines, onnx_engine
from s2f_cli.inference.engines import open_engine, usable_precision
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle, graphs, tracing, zoo

SHIPPED = [model for model in zoo.models() if model.shipped]


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "has_gpu", lambda: False)


@pytest.fixture
def model(tiny_run: Path) -> Path:
    return tiny_run / "model.safetensors"


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda model: model.name)
def test_both_engines_give_the_same_images(shipped: zoo.NamedModel) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    photo = Image.fromarray(levels).resize((350, 330), Image.Resampling.BICUBIC)
    onnx, torch = (Translator.open(shipped.path, "cpu", engine=name) for name in ("onnx", "torch"))
    assert (onnx.engine.name, torch.engine.name) == ("onnx", "torch")
    (to,) = onnx.directions
    assert onnx.input_size(350, 330, to) == torch.input_size(350, 330, to)
    assert onnx.largest_face(to) == torch.largest_face(to)
    batch = onnx.to_batch([photo], "face" if to == "sketch" else "sketch")
    conditions = onnx.condition_vectors(None, 1)
    outputs = [each.engine.run("directions", to, batch[..., :64, :96], conditions) for each in (onnx, torch)]
    assert np.abs(outputs[0] - outputs[1]).max() < 1e-4
    small = photo.resize((70, 64))
    results = [np.asarray(each.translate([small], to, seen=[(32, 32)])[0], int) for each in (onnx, torch)]
    assert results[0].shape == results[1].shape and np.abs(results[0] - results[1]).max() <= 1


def test_a_processor_runs_the_graphs_of_a_bundle(model: Path) -> None:
    engine, card = open_engine(model)
    assert (engine.name, engine.device, engine.precision) == ("onnx", "cpu", "fp32")
    assert card == bundle.read_card(model)
    assert engine.domains("directions") == card.directions and engine.domains("samples") == ()


@pytest.mark.parametrize("threads", [1, 2])
def test_images_of_a_batch_are_shared_among_threads(conditional_layer, tmp_path: Path, threads: int) -> None:
    networks, card = conditional_layer
    path = tmp_path / "model.safetensors"
    bundle.save(path, networks, card, tracing.trace(networks, card))
    engine = onnx_engine.of_bundle(path, graphs.read(path), threads=threads)
    assert engine.parallel == threads
    random = np.random.default_rng(0)
    batch = random.uniform(-1, 1, (3, 3, 16, 16)).astype(np.float32)
    vectors = random.uniform(-1, 1, (3, card.recipe.conditions.width)).astype(np.float32)
    for given in (vectors, vectors[:1]):
        single = [
            engine.run("directions", "sketch", batch[[n]], given[[n % len(given)]]) for n in range(len(batch))
        ]
        together = engine.run("directions", "sketch", batch, given)
        np.testing.assert_allclose(together, np.concatenate(single), atol=1e-6)


@pytest.mark.parametrize("options", [{"engine": "torch"}, {"precision": "bf16"}])
def test_torch_does_what_is_asked_of_it(model: Path, options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "native_bf16", lambda: True)
    assert open_engine(model, **options)[0].name == "torch"


def test_a_bundle_without_graphs_runs_in_torch(model: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.safetensors"
    bundle.save(plain, *bundle.load(model))
    assert open_engine(plain)[0].name == "torch"
    with pytest.raises(BundleError, match=r"plain\.safetensors has no ONNX graph"):
        open_engine(plain, engine="onnx")


def test_onnx_runtime_has_no_bf16(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "native_bf16", lambda: True)
    with pytest.raises(S2FError, match="ONNX Runtime runs bundles in fp32, not in bf16"):
        open_engine(model, precision="bf16", engine="onnx")


@pytest.mark.parametrize(
    ("providers", "device", "chosen"),
    [
        ((onnx_runtime.CPU,), "auto", "torch"),
        ((onnx_runtime.CPU,), "cpu", "onnx"),
        ((onnx_runtime.CPU,), "cuda", "torch"),
        ((onnx_runtime.CPU, onnx_runtime.CUDA), "auto", "onnx"),
        ((onnx_runtime.CPU, onnx_runtime.CUDA), "cuda:0", "onnx"),
        ((onnx_runtime.CPU, onnx_runtime.COREML), "auto", "torch"),
    ],
)
def test_with_a_gpu_the_engine_that_can_use_it_runs(
    providers, device: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "has_gpu", lambda: True)
    monkeypatch.setattr(onnx_runtime, "providers", lambda: providers)
    assert engines._choice(True, device, "fp32") == chosen


@pytest.mark.parametrize(
    ("wanted", "device", "native", "precision"),
    [
        ("bf16", "cpu", True, "bf16"),
        ("bf16", "auto", False, "fp32"),
        ("bf16", "cuda:0", False, "bf16"),
        ("auto", "cpu", True, "bf16"),
        ("auto", "cpu", False, "fp32"),
        ("fp32", "cpu", True, "fp32"),
    ],
)
def test_bf16_is_used_where_it_is_fast(
    wanted, device: str, native: bool, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "native_bf16", lambda: native)
    assert usable_precision(wanted, device) == precision
