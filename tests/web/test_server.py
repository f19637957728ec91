"""The HTTP API: what it answers, and what it refuses."""

import io
import queue
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
from s2f_cli.inference.pipeline import Pipeline
from s2f_cli.inference.translator import Translator
from s2f_cli.web import server, site
from s2f_cli.web.gate import Limits


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu")


@pytest.fixture
def client(translator) -> TestClient:
    app = server.create({"tiny": translator}, Limits(bytes=20_000, pixels=5000, waiting=2, seconds=30))
    return TestClient(app, raise_server_exceptions=False)


def png(picture: Image.Image) -> dict:
    return {"image": ("C:\\secret\\me.png", images.encode(picture))}


@pytest.mark.parametrize(("to", "mode"), [("face", "RGB"), ("sketch", "L")])
def test_answers_what_translate_makes(client, translator, drawing, to: str, mode: str) -> None:
    picture = drawing(1, 45, 61)
    answer = client.post("/translate", params={"to": to}, files=png(picture))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    made = Image.open(io.BytesIO(answer.content))
    (expected,) = translator.translate([picture], to)
    assert made.mode == mode
    assert np.array_equal(np.asarray(made), np.asarray(expected))


def test_size_and_format_are_chosen(client, drawing) -> None:
    asked = {"to": "face", "size": "model", "format": "webp", "model": "tiny"}
    answer = client.post("/translate", params=asked, files=png(drawing(1, 45, 61)))
    made = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], made.format, made.size) == ("image/webp", "WEBP", (16, 16))


def test_faces_are_aligned_as_the_command_does(translator) -> None:
    """The whole photo, or the face alone, or neither."""
    photo = draw(looks(0, 0)).resize((200, 250))
    wide = Image.new("RGB", (400, 300), "gray")
    wide.paste(photo, (90, 20))
    card = translator.card.model_copy(update={"alignment": "cufs"})
    aligning = Translator(translator.networks, card, "cpu")
    client = TestClient(server.create({"tiny": aligning}, Limits()), raise_server_exceptions=False)

    def asked(**more: str) -> Image.Image:
        answer = client.post("/translate", params={"to": "sketch", **more}, files=png(wide))
        assert answer.status_code == 200, answer.text
        return Image.open(io.BytesIO(answer.content))

    whole, plain, alone = asked(), asked(align="none"), asked(paste_back="none")
    expected = Pipeline.build(aligning, "sketch").translate(wide)
    assert whole.size == plain.size == wide.size
    assert np.array_equal(np.asarray(whole), np.asarray(expected))
    assert not np.array_equal(np.asarray(whole), np.asarray(plain))
    assert alone.size == (16, 20)
    assert asked(paste_back="photo").mode == "RGB"


REFUSED = {
    "a face put back that was not sought": (
        Image.new("L", (9, 9)),
        {"to": "face", "align": "none", "paste_back": "photo"},
        422,
        "faces are not aligned",
    ),
    "two images in an answer": (
        Image.new("L", (9, 9)),
        {"to": "face", "faces": "all", "paste_back": "none"},
        422,
        "an answer is one image",
    ),
    "no face where one must be": (
        Image.new("L", (60, 60)),
        {"to": "face", "align": "cufs"},
        422,
        "no face was found",
    ),
    "no image": ({"image": ("a.png", b"text")}, {"to": "face"}, 422, "the image is none"),
    "cut off": (png(Image.new("RGB", (60, 60)))["image"][1][:60], {"to": "face"}, 422, "truncated"),
    "too many pixels": (Image.new("L", (100, 51)), {"to": "face"}, 413, "100x51 pixels, more than 5,000"),
    "too narrow": (Image.new("L", (100, 4)), {"to": "face"}, 422, "too narrow"),
    "too many bytes": ({"image": ("a.png", bytes(30_000))}, {"to": "face"}, 413, "more than 20,000 bytes"),
    "an unknown model": (Image.new("L", (9, 9)), {"to": "face", "model": "/etc/x"}, 422, "known: tiny"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses(client, case: str) -> None:
    given, asked, status, told = REFUSED[case]
    if isinstance(given, Image.Image):
        given = png(given)
    elif isinstance(given, bytes):
        given = {"image": ("a.png", given)}
    answer = client.post("/translate", params=asked, files=given)
    assert answer.status_code == status
    assert told in answer.json()["detail"]
    assert "/" not in answer.json()["detail"].replace(" / ", "")
    assert client.post("/translate", params={"to": "face"}, files=png(Image.new("L", (9, 9)))).is_success


def test_refuses_what_it_was_not_asked_right(client, drawing) -> None:
    assert client.post("/translate", params={"to": "cat"}, files=png(drawing(1))).status_code == 422
    assert client.post("/translate", params={"to": "face"}).status_code == 422
    assert client.get("/translate").status_code == 404
    assert client.get("/../pyproject.toml").status_code == 404
    assert client.get("/%2e%2e/server.py").status_code == 404


def test_a_fault_shows_no_trace(client, translator, drawing, monkeypatch) -> None:
    def fail(*asked, **more):
        raise RuntimeError("at /home/me/secret")

    monkeypatch.setattr(translator, "translate", fail)
    answer = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert answer.status_code == 500
    assert answer.json() == {"detail": "something went wrong in the server; its log says what"}


def test_too_many_at_once_are_sent_away(client, translator, drawing, monkeypatch) -> None:
    go_on, answers = threading.Event(), queue.Queue()
    right = translator.translate

    def slow(*asked, **more):
        assert go_on.wait(60)
        return right(*asked, **more)

    monkeypatch.setattr(translator, "translate", slow)

    def ask() -> None:
        answers.put(client.post("/translate", params={"to": "face"}, files=png(drawing(1))))

    with client:
        three = [threading.Thread(target=ask) for _ in range(3)]
        for thread in three:
            thread.start()
        refused = answers.get(timeout=30)  # whichever of them came last: two are inside
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert client.get("/health").status_code == 200
        go_on.set()
        for thread in three:
            thread.join()
        assert [answers.get().status_code for _ in range(2)] == [200, 200]
        assert client.post("/translate", params={"to": "face"}, files=png(drawing(1))).status_code == 200


def test_what_takes_too_long_is_given_up(translator, drawing, monkeypatch) -> None:
    client = TestClient(server.create({"tiny": translator}, Limits(seconds=0.05)))
    monkeypatch.setattr(
        translator, "translate", lambda *asked, **more: time.sleep(0.5) or [Image.new("L", (1, 1))]
    )
    answer = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert (answer.status_code, answer.json()) == (504, {"detail": "it took longer than 0.05 seconds"})


def test_a_foreign_name_for_this_host_is_refused(translator) -> None:
    app = server.create({"tiny": translator}, Limits(), hosts=["localhost"])
    assert TestClient(app, base_url="http://localhost:81").get("/health").status_code == 200
    assert TestClient(app, base_url="http://evil.example").get("/health").status_code == 400


def test_says_what_it_is(client) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert [(model["name"], model["to"], model["licence"]) for model in client.get("/models").json()] == [
        ("tiny", "face", "MIT"),
        ("tiny", "sketch", "MIT"),
    ]
    assert {"/translate", "/health", "/models"} == set(client.get("/openapi.json").json()["paths"])
    assert client.get("/page.json").json()["engine"] == "server"
    assert client.get("/").text == (site.PAGE / "index.html").read_text(encoding="utf-8")


def test_the_page_about_the_api_needs_no_other_host(client) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "").replace("HTTP", "")
    for file in ["api/docs.js", "api/docs.css", "style.css", "icon.svg"]:
        assert file in page
        assert client.get(f"/{file}").status_code == 200


@pytest.fixture
def address(translator) -> Iterator[str]:
    """A real server on the loopback."""
    running = uvicorn.Server(
        uvicorn.Config(server.create({"tiny": translator}, Limits()), port=0, log_level="error")
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/"
    running.should_exit = True
    thread.join()


def test_the_page_and_the_api_page_in_a_browser(address, browser, translator, drawing, tmp_path) -> None:
    drawing(3, 40, 40).save(tmp_path / "a.png")
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
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
    assert page.locator("section h2 code").all_inner_texts() == ["/translate", "/health", "/models"]
    assert all(url.startswith((address, "blob:")) for url in asked)
    page.close()
