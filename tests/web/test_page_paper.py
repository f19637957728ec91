"""The page keeps the paper above a drawing empty, as s2f does. Runs in Node, without a browser."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from s2f_cli.inference.blank_paper import cleared
from s2f_cli.web import site

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

FILES = """
import { readFileSync, writeFileSync } from "node:fs";
const read = (name) => {
  const bytes = readFileSync(name), [width, height] = new Uint32Array(bytes.buffer.slice(0, 8));
  return { data: new Uint8ClampedArray(bytes.subarray(8)), width, height };
};
"""
"""The function that reads what `write` writes: an image as the page has it."""


def drawing(paper: int, side: int) -> Image.Image:
    image = Image.new("RGB", (side, side), (paper,) * 3)
    ImageDraw.Draw(image).ellipse((side // 4, side // 3, side * 3 // 4, side * 2), outline="black", width=3)
    return image


def face(width: int, height: int) -> Image.Image:
    """Gray, with a dark stripe up to the upper edge."""
    image = Image.new("RGB", (width, height), (180, 190, 195))
    ImageDraw.Draw(image).rectangle((width * 3 // 8, 0, width * 5 // 8, height // 2), fill=(30, 20, 10))
    return image


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Image.Image]:
    def run(script: str, **images: Image.Image) -> Image.Image:
        """The image that a module of the page writes into the file `result`."""
        for name, image in images.items():
            (tmp_path / name).write_bytes(
                np.array(image.size, "<u4").tobytes() + image.convert("RGBA").tobytes()
            )
        modules = FILES + script.replace("page:", f"{site.PAGE.as_uri()}/")
        (tmp_path / "module.mjs").write_text(modules, encoding="utf-8")
        subprocess.run([NODE, "module.mjs"], cwd=tmp_path, check=True)
        return Image.frombytes("RGBA", images["face"].size, (tmp_path / "result").read_bytes()).convert("RGB")

    return run


def difference(one: Image.Image, other: Image.Image) -> int:
    return int(np.abs(np.asarray(one, int) - np.asarray(other, int)).max())


@pytest.mark.parametrize("size", [(120, 120), (90, 140), (301, 200)])
@pytest.mark.parametrize("paper", [255, 228, 20])
def test_a_face_is_cleared_as_in_python(run: Callable, size: tuple[int, int], paper: int) -> None:
    result = run(
        """
        import { clearPaper } from "page:paper.js";
        const face = read("face");
        clearPaper(face, read("drawing"));
        writeFileSync("result", face.data);
        """,
        face=face(*size),
        drawing=drawing(paper, 400),
    )
    expected = cleared(face(*size), drawing(paper, 400))
    assert difference(result, expected) <= 1
    assert (difference(face(*size), expected) > 100) == (paper > 24)


@pytest.mark.parametrize(("to", "region"), [("face", "backdrop"), ("face", "hair"), ("sketch", "backdrop")])
def test_only_faces_that_are_given_a_backdrop_are_cleared(run: Callable, to: str, region: str) -> None:
    usage = {
        "to": to,
        "size": 120,
        "any_size": True,
        "multiple": 1,
        "channels_in": 1,
        "card": {"recipe": {"conditions": {"wall": {"region": region}}}},
    }
    script = f"""
        import {{ translatePhoto }} from "page:photo.js";
        import {{ fromImage }} from "page:tensors.js";
        const values = fromImage(read("face"), 3, 0, 0, 120, 120, new Float32Array(3 * 120 * 120));
        const run = async () => ({{ values, channels: 3, width: 120, height: 120 }});
        const model = {{ usage: {json.dumps(usage)}, run, refine: null }};
        const {{ result }} = await translatePhoto(model, read("drawing"), {{}}, []);
        writeFileSync("result", result.data);
    """
    result = run(script, face=face(120, 120), drawing=drawing(255, 120))
    clears = (to, region) == ("face", "backdrop")
    expected = cleared(face(120, 120), drawing(255, 120)) if clears else face(120, 120)
    assert difference(result, expected) <= 1
