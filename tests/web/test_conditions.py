"""Styles and colours as parameters of the HTTP API."""

import io
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from s2f_cli.core import images
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import server
from s2f_cli.web.limits import RequestLimits


@pytest.fixture(scope="session")
def conditional(conditional_model: Path) -> Translator:
    return Translator.open(conditional_model, "cpu")


@pytest.fixture
def given(conditional) -> TestClient:
    """A server of a model that is given a style, a skin and a backdrop."""
    app = server.create({"given": conditional}, RequestLimits(seconds=30))
    return TestClient(app, raise_server_exceptions=False)


def test_conditions_are_parameters(given, conditional, drawing, png) -> None:
    def translate(**parameters: str) -> np.ndarray:
        response = given.post("/translate", params={"to": "sketch", **parameters}, files=png(drawing(1)))
        assert response.status_code == 200, response.text
        return np.asarray(Image.open(io.BytesIO(response.content)))

    values = {"style": "fine", "skin": "fair", "backdrop": "#203040"}
    (expected,) = conditional.translate([drawing(1)], "sketch", conditions=values)
    assert np.array_equal(translate(**values), np.asarray(expected))
    assert not np.array_equal(translate(), np.asarray(expected))
    assert np.array_equal(translate(), translate(style="bold", skin="tan", backdrop="white"))


def test_colours_are_those_of_the_photo_like_except_the_chosen_ones(given, conditional, drawing, png) -> None:
    photo = draw(looks(0, 0)).resize((200, 250))
    files = png(drawing(1)) | {"like": ("like.png", images.encode(photo))}
    response = given.post("/translate", params={"to": "face", "skin": "dark"}, files=files)
    options = TranslateOptions(conditions={"skin": "dark"}, like=photo)
    expected = Pipeline.build(conditional, "face", options).translate(drawing(1))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(response.content))), np.asarray(expected))
    assert not np.array_equal(
        np.asarray(expected),
        np.asarray(conditional.translate([drawing(1)], "face", conditions={"skin": "dark"})[0]),
    )


WRONG_CONDITIONS = {
    "an unknown label": (
        {"style": "fin"},
        {},
        "there is no style 'fin'; did you mean 'fine'? known: fine, bold",
    ),
    "all labels": ({"style": "all"}, {}, "there is no style 'all'; "),
    "no colour": ({"skin": "x"}, {}, "skin: 'x' is not a colour; write #rrggbb"),
    "an unknown condition": ({"hair": "red"}, {}, "there is no parameter 'hair'; known: align, backdrop,"),
    "a photo without a face": ({}, {"like": Image.new("RGB", (60, 60))}, "no face was found in the photo"),
    "a photo that is none": ({}, {"like": ("a.png", b"text")}, "the file is not an image"),
    "a text as a photo": ({}, {}, "like is not an uploaded file"),
}


@pytest.mark.parametrize("case", WRONG_CONDITIONS)
def test_wrong_conditions_are_refused(given, drawing, case: str, png) -> None:
    parameters, uploads, detail = WRONG_CONDITIONS[case]
    like = {
        name: png(file)["image"] if isinstance(file, Image.Image) else file for name, file in uploads.items()
    }
    answer = given.post(
        "/translate",
        params={"to": "face", **parameters},
        files=png(drawing(1)) | like,
        data={"like": "hello"} if case == "a text as a photo" else {},
    )
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_a_photo_like_needs_a_model_with_colours(client, drawing, png) -> None:
    files = png(drawing(1)) | {"like": png(drawing(2))["image"]}
    answer = client.post("/translate", params={"to": "face"}, files=files)
    assert (answer.status_code, answer.json()["detail"]) == (422, "the model takes no colours")


def test_conditions_are_listed(given, client) -> None:
    style, skin, backdrop = given.get("/models").json()[0]["conditions"]
    assert style == {
        "name": "style",
        "encoding": "one-hot",
        "choices": ["fine", "bold"],
        "default": "bold",
        "numbers": [0.0, 1.0],
    }
    assert (skin["name"], skin["default"], skin["choices"]["dark"]) == ("skin", "#ae7058", "#62382a")
    assert backdrop["choices"] == {}
    operation = given.get("/openapi.json").json()["paths"]["/translate"]["post"]
    described = {p["name"]: p["description"] for p in operation["parameters"] if "description" in p}
    assert described["style"] == "fine, bold; default: the model's"
    assert described["skin"] == "a colour: #rrggbb or a name; default: the model's"
    assert client.get("/translate").headers["allow"] == "POST"
    fields = given.get("/openapi.json").json()["components"]["schemas"]["Body_translate_translate_post"]
    assert "anyOf" not in fields["properties"]["like"]  # a form cannot hold null
    assert client.get("/models").json()[0]["conditions"] == []
