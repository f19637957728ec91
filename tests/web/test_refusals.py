"""Requests that the HTTP API refuses, and in which form."""

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from s2f_cli.core import images
from s2f_cli.web import server
from s2f_cli.web.limits import RequestLimits

REFUSED = {
    "pasting back without alignment": (
        Image.new("L", (9, 9)),
        {"to": "face", "align": "none", "paste_back": "photo"},
        422,
        "faces are not aligned",
    ),
    "several images in a response": (
        Image.new("L", (9, 9)),
        {"to": "face", "faces": "all", "paste_back": "none"},
        422,
        "a response is one image",
    ),
    "no face where one is required": (
        Image.new("L", (60, 60)),
        {"to": "face", "align": "cufs"},
        422,
        "no face was found",
    ),
    "not an image": (
        {"image": ("a.png", b"text")},
        {"to": "face"},
        422,
        "not an image in one of the formats",
    ),
    "truncated": (
        {"image": ("a.png", images.encode(Image.new("RGB", (60, 60)))[:60])},
        {"to": "face"},
        422,
        "truncated",
    ),
    "too many pixels": (Image.new("L", (100, 51)), {"to": "face"}, 413, "100x51 pixels, more than 5,000"),
    "too narrow": (Image.new("L", (100, 4)), {"to": "face"}, 422, "too narrow"),
    "too many bytes": ({"image": ("a.png", bytes(30_000))}, {"to": "face"}, 413, "more than 20,000 bytes"),
    "an unknown model": (Image.new("L", (9, 9)), {"to": "face", "model": "/etc/x"}, 422, "known: tiny"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_refused(client, case: str, png) -> None:
    upload, parameters, status, detail = REFUSED[case]
    files = png(upload) if isinstance(upload, Image.Image) else upload
    response = client.post("/translate", params=parameters, files=files)
    assert response.status_code == status
    assert detail in response.json()["detail"]
    assert "/" not in response.json()["detail"].replace(" / ", "")
    assert client.post("/translate", params={"to": "face"}, files=png(Image.new("L", (9, 9)))).is_success


def test_invalid_requests_are_refused(client, drawing, png) -> None:
    assert client.post("/translate", params={"to": "cat"}, files=png(drawing(1))).status_code == 422
    assert client.post("/translate", params={"to": "face"}).status_code == 422
    assert client.get("/translate").status_code == 405
    assert client.get("/../pyproject.toml").status_code == 404
    assert client.get("/%2e%2e/server.py").status_code == 404


def test_an_internal_error_shows_no_trace(client, translator, drawing, monkeypatch, png) -> None:
    def fail(*arguments, **options):
        raise RuntimeError("at /home/me/secret")

    monkeypatch.setattr(translator, "translate", fail)
    response = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert response.status_code == 500
    assert response.json() == {"detail": "internal error; see the server's log"}


FORMS = {
    "no parameters": {},
    "an unknown domain": {"params": {"to": "cat"}, "files": {"image": ("a.png", b"x")}},
    "no image": {"params": {"to": "face"}},
    "a field that is no file": {"params": {"to": "face"}, "data": {"image": "hello"}},
    "a body that is no form": {
        "params": {"to": "face"},
        "content": b"x",
        "headers": {"content-type": "image/png"},
    },
    "a broken form": {
        "params": {"to": "face"},
        "content": b"--b\r\nx",
        "headers": {"content-type": "multipart/form-data; boundary=b"},
    },
    "an unknown parameter": {
        "params": {"to": "face", "sise": "model"},
        "files": {"image": ("a.png", b"x")},
    },
    "a repeated parameter": {"params": {"to": ["face", "sketch"]}, "files": {"image": ("a.png", b"x")}},
    "an unknown field": {
        "params": {"to": "face"},
        "files": {"image": ("a.png", b"x"), "mask": ("a.png", b"x")},
    },
}


@pytest.mark.parametrize("case", FORMS)
def test_every_refusal_has_the_same_form(client, case: str) -> None:
    answer = client.post("/translate", **FORMS[case])
    assert answer.status_code in (400, 422)
    assert list(answer.json()) == ["detail"] and isinstance(answer.json()["detail"], str)


def test_other_refusals_have_the_same_form(client, translator) -> None:
    strict = TestClient(server.create({"tiny": translator}, RequestLimits(), hosts=["localhost"]))
    answers = [client.get("/none"), client.put("/translate"), client.delete("/health"), strict.get("/health")]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("path", ["/translate", "/faces"])
def test_refusals_are_described(client, path: str) -> None:
    responses = client.get("/openapi.json").json()["paths"][path]["post"]["responses"]
    assert responses.keys() == {"200", "400", "401", "408", "413", "422", "429", "503", "504"}
    for status in responses.keys() - {"200"}:
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Refusal"}


def test_an_unknown_parameter_is_named_with_the_known_ones(client, drawing, png) -> None:
    answer = client.post("/translate", params={"to": "face", "sise": "model"}, files=png(drawing(1)))
    assert answer.json()["detail"].startswith(
        "there is no parameter 'sise'; did you mean 'size'? known: align"
    )


def test_no_damaged_image_is_an_error_of_the_server(client, drawing) -> None:
    generator = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM"):
        buffer = io.BytesIO()
        drawing(1).save(buffer, kind)
        for _ in range(6):
            content = bytearray(buffer.getvalue())
            for place in generator.integers(0, len(content), 5):
                content[place] = generator.integers(256)
            content = content[: generator.integers(1, len(content) + 1)]
            answer = client.post("/translate", params={"to": "face"}, files={"image": bytes(content)})
            assert answer.status_code in (200, 413, 422), (kind, answer.text, bytes(content))
