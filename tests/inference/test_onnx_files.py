"""ONNX files as networks, and files that are refused."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from s2f_cli.core import requirements
from s2f_cli.core.errors import BundleError, MissingPart, S2FError
from s2f_cli.core.quiet import quiet
from s2f_cli.export import examples, parity
from s2f_cli.export.formats.onnx import Onnx
from s2f_cli.export.network import DirectionNetwork
from s2f_cli.inference import onnx_engine
from s2f_cli.inference.torch_engine import TorchEngine
from s2f_cli.inference.translator import Translator
from s2f_cli.models import bundle


@pytest.fixture(scope="session")
def bundle_file(tiny_run: Path) -> Path:
    return tiny_run / "model.safetensors"


@pytest.fixture(scope="session")
def onnx_file(bundle_file: Path, tmp_path_factory) -> Path:
    network = DirectionNetwork(*bundle.load(bundle_file), "sketch")
    path = tmp_path_factory.mktemp("onnx") / "tiny.sketch.onnx"
    parity.export(Onnx(), network, path, examples.find_examples(network.usage, None, path.parent))
    return path


@pytest.fixture
def changed(onnx_file: Path, tmp_path):
    """Writes the file with its metadata under `s2f` changed by a function."""

    def change(function):
        model = onnx.load(onnx_file)
        (usage,) = [entry for entry in model.metadata_props if entry.key == "s2f"]
        usage.value = json.dumps(function(json.loads(usage.value)))
        onnx.save(model, tmp_path / "changed.onnx")
        return tmp_path / "changed.onnx"

    return change


def test_an_onnx_file_translates_like_its_bundle(onnx_file: Path, bundle_file: Path, drawing) -> None:
    inputs = [drawing(1, 40, 24), drawing(2, 16, 16), drawing(3, 9, 33)]
    translator, reference = Translator.open(onnx_file, "auto"), Translator.open(bundle_file, "cpu")
    assert translator.directions == ("sketch",)
    assert translator.card == reference.card
    for size in ("native", "model"):
        results = translator.translate(inputs, "sketch", size)
        for result, expected in zip(results, reference.translate(inputs, "sketch", size), strict=True):
            assert (result.size, result.mode) == (expected.size, expected.mode)
            assert np.abs(np.asarray(result, int) - np.asarray(expected, int)).max() <= 1


def test_commands_accept_an_onnx_file_as_a_model(
    onnx_file: Path, s2f, tiny_run: Path, data: Path, drawing, here: Path
) -> None:
    drawing(1, 40, 24).save("anna.png")
    result = s2f("translate", "--model", onnx_file, "--to", "sketch", "anna.png")
    assert result.lines == ["anna.sketch.png"], result.err
    options = ("--to", "sketch", "--data", data, "--metric", "mse", "--markdown")
    exported_row, bundle_row = s2f("evaluate", onnx_file, tiny_run, *options).lines[-2:]
    assert exported_row.split("|")[2:] == bundle_row.split("|")[2:]


def test_a_file_with_conditions_is_told_them(conditional_layer, s2f, drawing, here: Path) -> None:
    networks, card = conditional_layer
    with quiet():
        Onnx().write(DirectionNetwork(networks, card, "sketch"), here / "given.onnx", [])
    drawing(1, 40, 24).save("anna.png")
    result = s2f(
        "translate", "--model", "given.onnx", "--to", "sketch", "--style", "all", "--skin", "dark", "anna.png"
    )
    assert result.lines == ["anna.sketch.fine.png", "anna.sketch.bold.png"], result.err
    for style in ("fine", "bold"):
        given = {"style": style, "skin": "dark"}
        reference = Translator(TorchEngine(networks, card.recipe, "cpu"), card)
        (expected,) = reference.translate([drawing(1, 40, 24)], "sketch", conditions=given)
        with Image.open(f"anna.sketch.{style}.png") as image:
            assert np.abs(np.asarray(image, int) - np.asarray(expected, int)).max() <= 1
    wrong = s2f("translate", "--model", "given.onnx", "--to", "sketch", "--style", "fin", "anna.png")
    assert "there is no style 'fin'" in wrong.err


def test_an_onnx_file_has_one_direction(onnx_file: Path) -> None:
    with pytest.raises(BundleError, match="cannot translate to face, only to sketch"):
        Translator.open(onnx_file).require("face")


def test_a_file_of_fixed_size_gets_inputs_of_that_size(changed, drawing, monkeypatch) -> None:
    translator = Translator.open(changed(lambda usage: usage | {"any_size": False}))
    shapes = []
    run = translator.engine.run

    def record(kind, to, batch, *rest, **options):
        shapes.append(batch.shape)
        return run(kind, to, batch, *rest, **options)

    monkeypatch.setattr(translator.engine, "run", record)
    (result,) = translator.translate([drawing(1, 40, 24)], "sketch")
    assert shapes == [(1, 3, 16, 16)]
    assert result.size == (40, 24)


@pytest.mark.parametrize("content", [b"", b"no model", "half"])
def test_a_damaged_file_is_an_error(onnx_file: Path, tmp_path, content) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(onnx_file.read_bytes()[:4000] if content == "half" else content)
    with pytest.raises(BundleError, match=r"x.onnx is not an ONNX file, or is damaged \(.*\)$"):
        onnx_engine.of_file(path)


def test_a_missing_file_is_an_error(tmp_path) -> None:
    with pytest.raises(BundleError, match=r"there is no model file .*x\.onnx"):
        Translator.open(tmp_path / "x.onnx")


def test_an_onnx_file_without_s2f_metadata_is_an_error(onnx_file: Path, tmp_path) -> None:
    model = onnx.load(onnx_file)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "x.onnx")
    with pytest.raises(BundleError, match=r"x\.onnx was not exported by s2f"):
        onnx_engine.of_file(tmp_path / "x.onnx")


def test_broken_metadata_is_an_error(changed) -> None:
    with pytest.raises(BundleError, match=r"the metadata of .*changed\.onnx is broken: fit: "):
        onnx_engine.of_file(changed(lambda usage: usage | {"fit": "stretch"}))


def test_a_device_that_onnxruntime_lacks_is_an_error(onnx_file: Path) -> None:
    with pytest.raises(
        S2FError, match="the device 'mps' cannot be used: this onnxruntime has only"
    ) as raised:
        onnx_engine.of_file(onnx_file, "mps")
    assert "--device cpu" in raised.value.hint


def test_without_onnxruntime_the_command_is_named(onnx_file: Path, monkeypatch) -> None:
    monkeypatch.setattr(requirements.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPart) as raised:
        onnx_engine.of_file(onnx_file)
    assert raised.value.hint == requirements.install_hint("onnxruntime")
