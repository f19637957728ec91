"""The HTTP API; and a page in Chromium, whose host is its proxy, so that tests see every request."""

import base64
import io
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ProxySettings, sync_playwright

from s2f_cli.core import images
from s2f_cli.core.errors import ExportError
from s2f_cli.inference.translator import Translator
from s2f_cli.web import runtime
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.server import create

CHROMIUM = os.environ.get("S2F_CHROMIUM") or next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome", "chrome"])), None
)


TIMEOUT = 120_000
"""Timeout of anything in the page, in milliseconds, on a busy machine."""


@pytest.fixture(scope="session")
def translator(tiny_run: Path) -> Translator:
    return Translator.open(tiny_run / "model.safetensors", "cpu")


@pytest.fixture
def client(translator: Translator) -> TestClient:
    limits = RequestLimits(bytes=20_000, pixels=5000, concurrent=2, seconds=30)
    return TestClient(create({"tiny": translator}, limits), raise_server_exceptions=False)


@pytest.fixture(scope="session")
def png() -> Callable[[Image.Image], dict[str, Any]]:
    """The files of a request with an image."""
    return lambda image: {"image": ("C:\\secret\\me.png", images.encode(image))}


@pytest.fixture
def start() -> Iterator[Callable[[uvicorn.Server], str]]:
    """Starts a server on a free port of loopback, and returns its address; it stops when the test ends."""
    started: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(running: uvicorn.Server) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
        thread.start()
        started.append((running, thread))
        while not running.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{port}/"

    yield start
    for running, thread in started:
        running.should_exit = True
        thread.join()


@dataclass
class Host:
    """A static host on loopback, and its requests: method and URL, as a path if it is the host's own."""

    url: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    is_down: bool = False
    """Whether every request fails."""


class RecordingHandler(SimpleHTTPRequestHandler):
    """Serves a folder; as a proxy, refuses requests to other hosts."""

    host: Host

    def send_head(self):
        whole = urlsplit(self.path)
        own = not whole.netloc or self.host.url.startswith(f"http://{whole.netloc}/")
        self.host.requests.append((self.command, whole.path if own else self.path))
        if not own or self.host.is_down:
            return self.send_error(502)
        self.path = whole.path
        return super().send_head()

    def refuse(self):
        self.host.requests.append((self.command, self.path))
        self.send_error(502)

    do_POST = do_PUT = do_CONNECT = do_OPTIONS = refuse  # noqa: N815

    def log_message(self, *arguments) -> None:
        """Keep stderr clean."""


@pytest.fixture
def host() -> Iterator[Callable[[Path], Host]]:
    """Serves a folder until the test ends."""
    servers = []

    def serve(folder: Path) -> Host:
        handler = type("Handler", (RecordingHandler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        handler.host = Host(f"http://127.0.0.1:{server.server_port}/")
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return handler.host

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def package() -> Path:
    """The package of ONNX Runtime Web, from the cache or downloaded once."""
    try:
        runtime.read()
    except ExportError as problem:
        pytest.skip(f"not in the cache and not reachable: {problem.message}")
    return runtime.cached()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens a URL in Chromium, with its host as the proxy; errors in the page fail the test."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(url: str) -> Page:
        proxy = ProxySettings(server=url.rstrip("/"), bypass="<-loopback>")
        contexts.append(browser.new_context(proxy=proxy))
        page = contexts[-1].new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(url)
        page.wait_for_selector("#directions label")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in errors if "Content Security Policy" not in line] == []


@pytest.fixture(scope="session")
def folder(s2f, tiny_run: Path, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a page."""
    folder = tmp_path_factory.mktemp("page") / "site"
    result = s2f("export", "--format", "web", "--runtime", package, "--model", tiny_run, folder)
    assert result.code == 0, result.err
    return folder


@pytest.fixture
def image_file(drawing: Callable[..., Image.Image], tmp_path: Path) -> Path:
    file = tmp_path / "a picture.png"
    drawing(3, 45, 61).save(file)
    return file


@pytest.fixture(scope="session")
def shown() -> Callable[..., Any]:
    """The image on a canvas of a page."""
    return _shown


@pytest.fixture(scope="session")
def translate() -> Callable[..., Any]:
    """Translates in a page; returns the result."""
    return _translate


@pytest.fixture(scope="session")
def difference() -> Callable[..., Any]:
    """The largest difference between two images, in levels."""
    return _difference


def _shown(page: Page, selector: str) -> Image.Image:
    """The image on a canvas, as a data URL: the driver takes seconds for an array of a million numbers."""
    url = page.evaluate("selector => document.querySelector(selector).toDataURL()", selector)
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


def _translate(page: Page) -> Image.Image:
    page.click("#go")
    page.wait_for_selector("#go:enabled")
    return _shown(page, "#compare .after")


def _difference(first: Image.Image, second: Image.Image) -> int:
    assert first.size == second.size
    levels = [np.asarray(image.convert("RGB"), int) for image in (first, second)]
    return int(np.abs(levels[0] - levels[1]).max())
