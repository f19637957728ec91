"""The paper above a drawing stays empty in the face made from it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from s2f_cli.inference.blank_paper import cleared
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.models.recipes.conditions import Conditions

GRAY, HAIR, SKIN = (180, 190, 195), (30, 20, 20), (210, 160, 130)


def drawing(paper: int = 255, ink: int = 0, side: int = 120) -> Image.Image:
    """A head, between a third of the height and the lower edge."""
    image = Image.new("L", (side, side), paper)
    ImageDraw.Draw(image).ellipse((side // 4, side // 3, side * 3 // 4, side * 2), outline=ink, width=3)
    return image


def grown(side: int = 120) -> Image.Image:
    """A face for it, with a tuft that reaches the upper edge."""
    image = Image.new("RGB", (side, side), GRAY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((side * 3 // 8, 0, side * 5 // 8, side // 2), fill=HAIR)
    pen.ellipse((side // 4, side // 3, side * 3 // 4, side * 2), fill=SKIN)
    return image


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (228, 190)])
@pytest.mark.parametrize("side", [120, 61, 400])
def test_above_the_lines_there_is_only_backdrop(paper: int, ink: int, side: int) -> None:
    before = np.asarray(grown(side))
    after = np.asarray(cleared(grown(side), drawing(paper, ink)))
    above, below = slice(0, int(0.3 * side)), slice(int(0.37 * side), None)
    assert (after[above] == GRAY).all() and (before[above] != GRAY).any()
    middle = slice(int(0.45 * side), int(0.55 * side))
    assert (after[below, middle] == before[below, middle]).all() and (after[below] == SKIN).any()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_result_keeps_mode_and_size(mode: str) -> None:
    result = cleared(grown(90).convert(mode), drawing())
    assert (result.mode, result.size) == (mode, (90, 90))


def test_nothing_changes_without_paper_above_the_lines() -> None:
    face = grown()
    framed = drawing()
    ImageDraw.Draw(framed).line((0, 0, 119, 0), fill=0)
    shaded = Image.fromarray(np.linspace(60, 255, 120 * 120).reshape(120, 120).astype(np.uint8))
    for without in (framed, shaded, Image.new("L", (120, 120), 255)):
        assert cleared(face, without) is face


@given(data=st.data(), width=st.integers(1, 70), height=st.integers(1, 70))
def test_what_lies_below_the_topmost_line_of_every_column_stays(
    data: st.DataObject, width: int, height: int
) -> None:
    levels = np.full((height, width), 255, np.uint8)
    for _ in range(data.draw(st.integers(0, 6))):
        levels[data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))] = 0
    face = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    after = np.asarray(cleared(Image.fromarray(face), Image.fromarray(levels)))
    for column in np.flatnonzero((levels == 0).any(axis=0)):
        top = (levels[:, column] == 0).argmax()
        assert (after[top:, column] == face[top:, column]).all()


def test_the_pipeline_clears_faces_that_are_given_a_backdrop() -> None:
    """But not the drawing around a face that is pasted onto it."""

    def pipeline(region: str, **options: Any) -> Pipeline:
        recipe = SimpleNamespace(
            image=SimpleNamespace(side=lambda domain: 120),
            conditions=Conditions.model_validate({region: {"default": "#808080"}}),
        )
        translator = SimpleNamespace(
            card=SimpleNamespace(recipe=recipe, alignment=""),
            require=lambda to: None,
            squashes=lambda to: False,
            is_stochastic=lambda to: False,
            largest_face=lambda to: None,
            input_size=lambda width, height, *_: (width, height),
            translate=lambda inputs, *_, **__: [grown() for _ in inputs],
            fit=lambda image, domain: image,
        )
        settings = TranslateOptions(**({"align": "none"} | options))
        return Pipeline.build(translator, "face", settings)  # type: ignore[arg-type]

    expected = cleared(grown(), drawing())
    assert pipeline("backdrop").translate(drawing()) == expected != grown()
    assert pipeline("backdrop", size="model").translate(drawing()) == expected
    assert pipeline("hair").translate(drawing()) == grown()
    assert not pipeline("backdrop", align="ffhq", paste_back="photo").clears_paper
