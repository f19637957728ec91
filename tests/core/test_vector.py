"""Drawings as SVG: they look like the image, are bounded, and say what they are."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from s2f_cli.core import formats, images, made_with, marks, vector, xmp
from s2f_cli.core.errors import MissingPart
from s2f_cli.core.marks import TRAINED, Mark
from s2f_cli.core.metadata import Metadata

pytest.importorskip("vtracer")


def drawing() -> Image.Image:
    """A face in lines of two and three pixels, on gray paper."""
    page = Image.new("L", (96, 120), 235)
    pen = ImageDraw.Draw(page)
    pen.ellipse((16, 12, 80, 108), outline=20, width=3)
    pen.arc((34, 70, 62, 90), 20, 160, fill=40, width=2)
    for x in (34, 62):
        pen.ellipse((x - 6, 44, x + 6, 52), outline=30, width=2)
    pen.line((48, 52, 44, 66, 50, 68), fill=30, width=2)
    return page


def rendered(text: str) -> np.ndarray:
    resvg = pytest.importorskip("resvg_py")
    png = resvg.svg_to_bytes(svg_string=text, background="white", skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("L")) / 255


def test_an_svg_renders_like_the_image() -> None:
    image = drawing()
    ink = rendered(vector.svg(image, {})) < 0.5
    expected = np.asarray(image) < 128
    assert ink.shape == expected.shape
    assert (ink & expected).sum() / (ink | expected).sum() > 0.8
    assert abs(ink.mean() - expected.mean()) < 0.02


def test_it_says_that_a_model_made_it_and_is_the_same_every_time(tmp_path: Path) -> None:
    mark, note = Mark(TRAINED, "lines", "1"), made_with.note("translate", model="abc")
    for name in ("a.svg", "b.svg"):
        images.write(drawing(), tmp_path / name, note=note, metadata=Metadata(mark))
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert marks.mark_in(xmp.of_file(tmp_path / "a.svg")) == mark
    assert made_with.read(tmp_path / "a.svg") == note
    plain = rendered(vector.svg(drawing(), {}))
    assert np.array_equal(rendered((tmp_path / "a.svg").read_text(encoding="utf-8")), plain)


def test_the_number_of_outlines_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.random.default_rng(0).integers(0, 2, (48, 48), dtype=np.uint8)
    noise = Image.fromarray(levels * 255).resize((96, 96), Image.Resampling.NEAREST)
    free = vector.outlines(vector.svg(noise, {}))
    monkeypatch.setattr(vector, "MAX_OUTLINES", free // 2)
    assert 0 < vector.outlines(vector.svg(noise, {})) <= free // 2


@pytest.mark.parametrize("level", [0, 255])
def test_empty_paper_and_solid_ink(level: int) -> None:
    assert rendered(vector.svg(Image.new("L", (16, 16), level), {})).mean() == pytest.approx(
        level / 255, abs=0.02
    )


def test_without_its_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPart, match="extra 'svg'"):
        images.write(drawing(), tmp_path / "a.svg")


def test_an_svg_is_written_and_not_read() -> None:
    assert ".svg" in formats.WRITABLE and ".svg" not in formats.SUFFIXES
