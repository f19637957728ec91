"""The HTTP API: results and refusals."""

import io
import queue
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image

from s2f_cli.core import images
from s2f_cli.data.drawn_faces import draw, looks
from s2f_cli.faces import align
from s2f_cli.inference.options import TranslateOptions
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import server, site
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.protocol import with_header_limit

HEIF = Path(__file__).parents[1] / "fixtures" / "heif"


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu")


@pytest.fixture
def client(translator) -> TestClient:
    app = server.create(
        {"tiny": translator}, RequestLimits(bytes=20_000, pixels=5000, concurrent=2, seconds=30)
    )
    return TestClient(app, raise_server_exceptions=False)


def png(image: Image.Image) -> dict:
    return {"image": ("C:\\secret\\me.png", images.encode(image))}


def test_photos_of_phones_are_read(client) -> None:
    photo = HEIF / "turned.heic"
    response = client.post("/translate", params={"to": "sketch"}, files={"image": ("a", photo.read_bytes())})
    assert response.status_code == 200, response.text
    assert Image.open(io.BytesIO(response.content)).size == (48, 64)


@pytest.mark.parametrize(("to", "mode"), [("face", "RGB"), ("sketch", "L")])
def test_results_equal_those_of_the_translator(client, translator, drawing, to: str, mode: str) -> None:
    image = drawing(1, 45, 61)
    response = client.post("/translate", params={"to": to}, files=png(image))
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    result = Image.open(io.BytesIO(response.content))
    (expected,) = translator.translate([image], to)
    assert result.mode == mode
    assert np.array_equal(np.asarray(result), np.asarray(expected))


def test_size_and_format_are_applied(client, drawing) -> None:
    parameters = {"to": "face", "size": "model", "format": "webp", "model": "tiny"}
    response = client.post("/translate", params=parameters, files=png(drawing(1, 45, 61)))
    result = Image.open(io.BytesIO(response.content))
    assert (response.headers["content-type"], result.format, result.size) == ("image/webp", "WEBP", (16, 16))


def test_faces_are_handled_as_by_the_pipeline(translator) -> None:
    """The whole photo, the photo without alignment, or the face alone."""
    photo = draw(looks(0, 0)).resize((200, 250))
    wide = Image.new("RGB", (400, 300), "gray")
    wide.paste(photo, (90, 20))
    card = translator.card.model_copy(update={"alignment": "cufs"})
    aligning = Translator(translator.engine, card)
    client = TestClient(server.create({"tiny": aligning}, RequestLimits()), raise_server_exceptions=False)

    def translate(**parameters: str) -> Image.Image:
        response = client.post("/translate", params={"to": "sketch", **parameters}, files=png(wide))
        assert response.status_code == 200, response.text
        return Image.open(io.BytesIO(response.content))

    whole, plain, alone = translate(), translate(align="none"), translate(paste_back="none")
    expected = Pipeline.build(aligning, "sketch").translate(wide)
    assert whole.size == plain.size == wide.size
    assert np.array_equal(np.asarray(whole), np.asarray(expected))
    assert not np.array_equal(np.asarray(whole), np.asarray(plain))
    assert alone.size == (16, 20)
    assert translate(paste_back="photo").mode == "RGB"


def test_faces_are_found_for_the_page(translator) -> None:
    client = TestClient(server.create({"tiny": translator}, RequestLimits()))
    photo = draw(looks(0, 0)).resize((200, 250))
    response = client.post("/faces", files=png(photo))
    (found,) = response.json()
    (face,) = align.find(photo)
    assert found["left"] == pytest.approx(face.left_eye)
    assert found["box"] == pytest.approx(face.box)
    assert client.post("/faces", files=png(Image.new("L", (50, 50)))).json() == []
    assert response.headers["cross-origin-embedder-policy"] == "require-corp"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.fixture(scope="session")
def conditional(conditional_model: Path) -> Translator:
    return Translator.open(conditional_model, "cpu")


@pytest.fixture
def given(conditional) -> TestClient:
    """A server of a model that is given a style, a skin and a backdrop."""
    app = server.create({"given": conditional}, RequestLimits(seconds=30))
    return TestClient(app, raise_server_exceptions=False)


def test_conditions_are_parameters(given, conditional, drawing) -> None:
    def translate(**parameters: str) -> np.ndarray:
        response = given.post("/translate", params={"to": "sketch", **parameters}, files=png(drawing(1)))
        assert response.status_code == 200, response.text
        return np.asarray(Image.open(io.BytesIO(response.content)))

    values = {"style": "fine", "skin": "fair", "backdrop": "#203040"}
    (expected,) = conditional.translate([drawing(1)], "sketch", conditions=values)
    assert np.array_equal(translate(**values), np.asarray(expected))
    assert not np.array_equal(translate(), np.asarray(expected))
    assert np.array_equal(translate(), translate(style="bold", skin="tan", backdrop="white"))


def test_colours_are_those_of_the_photo_like_except_the_chosen_ones(given, conditional, drawing) -> None:
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
def test_wrong_conditions_are_refused(given, drawing, case: str) -> None:
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


def test_a_photo_like_needs_a_model_with_colours(client, drawing) -> None:
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
def test_a_bad_request_is_refused(client, case: str) -> None:
    upload, parameters, status, detail = REFUSED[case]
    files = png(upload) if isinstance(upload, Image.Image) else upload
    response = client.post("/translate", params=parameters, files=files)
    assert response.status_code == status
    assert detail in response.json()["detail"]
    assert "/" not in response.json()["detail"].replace(" / ", "")
    assert client.post("/translate", params={"to": "face"}, files=png(Image.new("L", (9, 9)))).is_success


def test_invalid_requests_are_refused(client, drawing) -> None:
    assert client.post("/translate", params={"to": "cat"}, files=png(drawing(1))).status_code == 422
    assert client.post("/translate", params={"to": "face"}).status_code == 422
    assert client.get("/translate").status_code == 405
    assert client.get("/../pyproject.toml").status_code == 404
    assert client.get("/%2e%2e/server.py").status_code == 404


def test_an_internal_error_shows_no_trace(client, translator, drawing, monkeypatch) -> None:
    def fail(*arguments, **options):
        raise RuntimeError("at /home/me/secret")

    monkeypatch.setattr(translator, "translate", fail)
    response = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert response.status_code == 500
    assert response.json() == {"detail": "internal error; see the server's log"}


def test_too_many_concurrent_requests_get_503(client, translator, drawing, monkeypatch) -> None:
    proceed, answers = threading.Event(), queue.Queue()
    original = translator.translate

    def slow(*arguments, **options):
        assert proceed.wait(60)
        return original(*arguments, **options)

    monkeypatch.setattr(translator, "translate", slow)

    def ask() -> None:
        answers.put(client.post("/translate", params={"to": "face"}, files=png(drawing(1))))

    with client:
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        refused = answers.get(timeout=30)  # the last one to arrive: two are being processed
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert client.get("/health").status_code == 200
        proceed.set()
        for thread in threads:
            thread.join()
        assert [answers.get().status_code for _ in range(2)] == [200, 200]
        assert client.post("/translate", params={"to": "face"}, files=png(drawing(1))).status_code == 200


def test_a_slow_translation_gets_504(translator, drawing, monkeypatch) -> None:
    client = TestClient(server.create({"tiny": translator}, RequestLimits(seconds=0.05)))
    monkeypatch.setattr(
        translator, "translate", lambda *arguments, **options: time.sleep(0.5) or [Image.new("L", (1, 1))]
    )
    response = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert (response.status_code, response.json()) == (
        504,
        {"detail": "the translation took longer than 0.05 seconds"},
    )


def test_a_foreign_host_header_is_refused(translator) -> None:
    app = server.create({"tiny": translator}, RequestLimits(), hosts=["localhost"])
    assert TestClient(app, base_url="http://localhost:81").get("/health").status_code == 200
    assert TestClient(app, base_url="http://evil.example").get("/health").status_code == 400


def test_health_models_and_schema_describe_the_server(client) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert [(model["name"], model["to"], model["licence"]) for model in client.get("/models").json()] == [
        ("tiny", "face", "MIT"),
        ("tiny", "sketch", "MIT"),
    ]
    assert {"/translate", "/faces", "/health", "/models"} == set(client.get("/openapi.json").json()["paths"])
    assert client.get("/page.json").json()["engine"] == "server"
    assert client.get("/").text == (site.PAGE / "index.html").read_text(encoding="utf-8")


def test_the_api_page_needs_no_other_host(client) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "").replace("HTTP", "")
    for file in ["api/docs.js", "api/docs.css", "style.css", "icon.svg"]:
        assert file in page
        assert client.get(f"/{file}").status_code == 200


@pytest.fixture
def address(translator) -> Iterator[str]:
    """A real server on loopback."""
    running = uvicorn.Server(
        uvicorn.Config(server.create({"tiny": translator}, RequestLimits()), port=0, log_level="error")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/"
    running.should_exit = True
    thread.join()


def test_the_page_and_the_api_page_work_in_a_browser(address, browser, translator, drawing, tmp_path) -> None:
    drawing(3, 40, 40).save(tmp_path / "a.png")
    page = browser.new_page()
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    page.set_input_files("#file", tmp_path / "a.png")
    page.click("#go:enabled")
    page.wait_for_selector("#download:enabled")
    size = page.evaluate(
        "() => [document.querySelector('.after').width, document.querySelector('.after').height]"
    )
    assert size == [40, 40]
    page.goto(f"{address}docs")
    page.wait_for_selector("section h2")
    assert page.locator("section h2 code").all_inner_texts() == ["/translate", "/faces", "/health", "/models"]
    assert all(url.startswith((address, "blob:")) for url in requested)
    page.close()


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
    assert responses.keys() == {"200", "400", "408", "413", "422", "503", "504"}
    for status in responses.keys() - {"200"}:
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Refusal"}


def test_an_unknown_parameter_is_named_with_the_known_ones(client, drawing) -> None:
    answer = client.post("/translate", params={"to": "face", "sise": "model"}, files=png(drawing(1)))
    detail = answer.json()["detail"]
    assert detail.startswith("there is no parameter 'sise'; did you mean 'size'? known: align")


@pytest.mark.parametrize("path", ["/health", "/models", "/", "/docs", "/page.json", "/style.css"])
def test_head_is_get_without_the_body(client, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]


def test_head_of_nothing_is_404(client) -> None:
    assert client.head("/none").status_code == 404


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


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: a"])
def test_a_slow_header_is_sent_away(translator, sent: bytes) -> None:
    app = server.create({"tiny": translator}, RequestLimits())
    config = uvicorn.Config(app, http=with_header_limit(0.3), port=0, log_level="error")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    whole = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        if sent:  # a whole request before it
            connection.sendall(whole)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        answer = b""
        connection.sendall(sent)
        while part := connection.recv(1000):
            answer += part
    assert (b" 408 " in answer and b'{"detail": ' in answer) == bool(sent)
    running.should_exit = True
    thread.join()
