"""The examples in docs/export.md run, and give the same images as s2f."""

import gzip
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import ExportError
from s2f_cli.inference.translator import Translator
from s2f_cli.inference.usage import Usage
from s2f_cli.web import runtime

PAGE = Path(__file__).parents[2] / "docs/export.md"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def example(name: str) -> str:
    (code,) = re.findall(
        rf"<!-- tested: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE.read_text(), re.DOTALL
    )
    return code


@pytest.mark.parametrize(("kind", "to"), [("any size", "face"), ("square", "face"), ("conditions", "sketch")])
def test_the_python_example_translates_like_s2f(exported, drawing, tmp_path, kind: str, to: str) -> None:
    path = exported("onnx", kind, to)[1]
    drawing(1, 45, 61).save(tmp_path / "in.png")
    (tmp_path / "example.py").write_text(example("translate_onnx.py"))
    command = [sys.executable, "example.py", path, "in.png", "out.png"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (expected,) = Translator.open(path, "cpu").translate([drawing(1, 45, 61)], to)
    with Image.open(tmp_path / "out.png") as output:
        assert output.mode == expected.mode
        assert np.abs(np.asarray(output, int) - np.asarray(expected, int)).max() <= 1


def test_the_python_example_has_at_most_thirty_lines() -> None:
    assert len(example("translate_onnx.py").splitlines()) <= 30


def test_the_torchscript_example_runs(exported, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exports").mkdir()
    shutil.copy(exported("torchscript")[1], "exports/cyclegan-unet.face.torchscript")
    names: dict = {}
    exec(example("torchscript"), names)
    assert names["faces"].shape == (2, 3, 32, 32)


DRIVER = """
import { readFileSync, writeFileSync } from "node:fs";
import { load, sizeFor, translate } from "./translate.mjs";
const [runtime, file, width, height] = process.argv.slice(2);
class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
const session = { run: async (feeds) => {
  const [name, input] = Object.entries(feeds)[0];
  const [, channels, rows, columns] = input.dims;
  const area = rows * columns;
  const data = Float32Array.from({ length: 3 * area }, (_, at) => -input.data[at % input.data.length]);
  return { face: new Tensor("float32", data, [1, 3, rows, columns]) };
} };
const stub = { Tensor, InferenceSession: { create: async () => session } };
const ort = runtime === "stub" ? stub : await import(runtime);
if (runtime !== "stub") Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: readFileSync("ort.wasm") });
const model = await load(ort, new Uint8Array(readFileSync(file)));
const pixels = { data: new Uint8ClampedArray(readFileSync("in.rgba")), width: +width, height: +height };
const output = await translate(model, pixels);
writeFileSync("out.rgba", output.data);
const sizes = sizeFor(model, 45, 61);
console.log(JSON.stringify({ usage: model.usage, sizes, width: output.width, height: output.height }));
"""


def in_node(folder: Path, runtime: str, model: Path, image: Image.Image) -> tuple[dict, np.ndarray]:
    """Run the JavaScript example; returns the JSON that it prints and the pixels that it writes."""
    (folder / "translate.mjs").write_text(example("translate.mjs"))
    (folder / "driver.mjs").write_text(DRIVER)
    (folder / "in.rgba").write_bytes(image.convert("RGBA").tobytes())
    command = [str(NODE), "driver.mjs", runtime, str(model), str(image.width), str(image.height)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    pixels = np.fromfile(folder / "out.rgba", np.uint8).reshape(printed["height"], printed["width"], 4)
    return printed, pixels


@needs_node
@pytest.mark.parametrize("kind", ["any size", "square"])
def test_the_javascript_example_prepares_and_returns_pixels(exported, drawing, tmp_path, kind: str) -> None:
    network, path = exported("onnx", kind)
    image = drawing(1, 36, 24)
    printed, pixels = in_node(tmp_path, "stub", path, image)
    assert Usage.model_validate(printed["usage"]) == network.usage
    assert printed["sizes"] == ([32, 44] if kind == "any size" else [32, 32])
    model_input = image.convert("L").convert("RGB") if kind == "any size" else image
    expected = 255 - np.asarray(model_input, int)
    assert np.abs(pixels[..., :3] - expected).max() <= 1
    assert (pixels[..., 3] == 255).all()


@needs_node
@pytest.mark.parametrize(
    ("kind", "to"), [("any size", "face"), ("any size", "sketch"), ("conditions", "sketch")]
)
def test_the_javascript_example_translates_like_s2f(exported, drawing, tmp_path, kind, to) -> None:
    try:
        package = runtime.read()
    except ExportError as problem:
        pytest.skip(f"ONNX Runtime Web is neither cached nor reachable: {problem.message}")
    (tmp_path / "ort.mjs").write_bytes(package["ort.js"])
    (tmp_path / "ort.wasm").write_bytes(gzip.decompress(package["ort.wasm.gz"]))
    network, path = exported("onnx", kind, to)
    image = drawing(1, network.usage.size, network.usage.size)
    _, pixels = in_node(tmp_path, "./ort.mjs", path, image)
    (expected,) = Translator.open(path, "cpu").translate([image], to)
    assert np.abs(pixels[..., :3] - images.to_bytes(expected, 3).transpose(1, 2, 0).astype(int)).max() <= 1
