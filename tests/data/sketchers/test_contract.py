"""The contract that every sketcher keeps: a photo and a seed give a gray sketch of the same size."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from s2f_cli.core import registry
from s2f_cli.data.drawn_faces import draw, looks

every_sketcher = pytest.mark.parametrize("name", registry.names("sketchers"))
FACE = draw(looks(0, 7))


def sketcher(name: str) -> Any:
    return registry.find("sketchers", name)


@every_sketcher
def test_a_sketch_is_gray_and_equal_for_equal_seeds(name: str) -> None:
    sketch = sketcher(name)(FACE, 5)
    assert (sketch.mode, sketch.size) == ("L", FACE.size)
    assert sketch.tobytes() == sketcher(name)(FACE, 5).tobytes()


@every_sketcher
def test_edges_of_the_photo_become_dark_lines_on_light_paper(name: str) -> None:
    photo = Image.new("RGB", (120, 100), (200, 190, 180))
    photo.paste((60, 50, 40), (40, 30, 80, 70))
    sketch = np.asarray(sketcher(name)(photo, 1), int)
    paper = np.median(sketch[:20])
    edge = sketch[36:64, 37:43].min(axis=1).mean()
    assert paper > 150
    assert edge < paper - 20


@every_sketcher
def test_an_oblong_photo_gives_a_sketch_of_its_size(name: str) -> None:
    oblong = ImageOps.fit(FACE, (90, 60))
    assert sketcher(name)(oblong.convert("L"), 1).size == (90, 60)


@every_sketcher
@settings(max_examples=15, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["L", "RGB"]), st.integers(0, 255))
def test_any_size_works(name: str, width: int, height: int, mode: str, level: int) -> None:
    blank = Image.new("L", (width, height), level).convert(mode)
    assert sketcher(name)(blank, 0).size == (width, height)


@every_sketcher
def test_the_docstring_names_the_source(name: str) -> None:
    words = registry.find("sketchers", name).__doc__ or ""
    module = __import__(f"s2f_cli.data.sketchers.{name}", fromlist=["_"]).__doc__ or ""
    assert re.search(r"report [A-E]|\b(19|20)\d\d\b", words + module)
