"""`s2f translate` with styles and colours."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2f_cli.faces import colours


@pytest.fixture
def sketch(s2f, conditional_model: Path, here: Path, drawing):
    """Runs `s2f translate --to sketch` with a model that is given a style, a skin and a backdrop."""
    drawing(3, 40, 24).save("photo.png")

    def run(*arguments: object):
        return s2f("translate", "--to", "sketch", "--model", conditional_model, "--device", "cpu", *arguments)

    return run


def levels(file: str) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image)


def test_a_style_is_told_by_name(sketch) -> None:
    sketch("photo.png", "-o", "default.png")
    sketch("photo.png", "-o", "bold.png", "--style", "bold")
    sketch("photo.png", "-o", "fine.png", "--condition", "style=fine")
    assert np.array_equal(levels("default.png"), levels("bold.png"))
    assert not np.array_equal(levels("bold.png"), levels("fine.png"))


def test_all_styles_make_a_result_each_and_a_sheet_with_their_names(sketch) -> None:
    sketch("photo.png", "-o", "fine.png", "--style", "fine")
    result = sketch("photo.png", "--style", "all", "--sheet", "sheet.png", "--compare")
    assert result.lines == [
        "photo.sketch.fine.png",
        "photo.sketch.bold.png",
        "photo.sketch.compare.png",
        "sheet.png",
    ]
    assert np.array_equal(levels("photo.sketch.fine.png"), levels("fine.png"))
    assert levels("sheet.png").shape[1] == 3 * (16 + 4) + 4
    for name in ("fine.png", "sheet.png"):
        Path(name).unlink()
    again = sketch(".", "--style", "all")
    assert (again.lines, "existing results skipped: 1" in again.err) == ([], True)


def test_json_lists_what_the_model_was_told(sketch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colours, "find_eyes", lambda photo: ((20.0, 12.0), (24.0, 12.0)))
    Image.new("RGB", (48, 32), "#112233").save("like.png")
    result = sketch("photo.png", "--json", "--like", "like.png", "--skin", "Fair")
    assert json.loads(result.out)["conditions"] == [
        {"style": "bold", "skin": "#ebc4ae", "backdrop": "#112233"}
    ]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["--style", "bald"], 1, ["there is no style 'bald'", "did you mean 'bold'? known: fine, bold"]),
        (["--hair", "red"], 1, ["the model has no condition 'hair'", "known: style, skin, backdrop"]),
        (["--skin", "blub"], 1, ["skin: 'blub' is not a colour", "fair, light, medium"]),
        (["--like", "missing.png"], 1, ["missing.png"]),
        (["--condition", "fine"], 2, ["NAME=VALUE"]),
        (["--style", "all", "-o", "-"], 2, ["stdin and stdout take one image"]),
    ],
)
def test_wrong_conditions_are_errors(sketch, words: list[str], code: int, error: list[str]) -> None:
    result = sketch("photo.png", *words)
    assert result.code == code
    assert all(text in " ".join(result.err.split()) for text in error)


def test_a_model_without_conditions_says_so(translate, here: Path, drawing) -> None:
    drawing(3).save("photo.png")
    result = translate("--to", "sketch", "photo.png", "--style", "bold")
    assert (result.code, "the model has no condition 'style'" in result.err) == (1, True)
    assert "hint: leave out style" in result.err
    assert "takes no colours" in translate("--to", "sketch", "photo.png", "--like", "photo.png").err
