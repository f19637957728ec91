"""A page in headless Chromium, all of whose requests are seen: the host of the page is also its proxy."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ProxySettings, sync_playwright

from s2f_cli.core.errors import ExportError
from s2f_cli.web import runtime

CHROMIUM = os.environ.get("S2F_CHROMIUM") or next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome", "chrome"])), None
)


PATIENCE = 120_000
"""Milliseconds that a page may take for anything, on a busy machine."""


@dataclass
class Host:
    """A static host on the loopback, and what came by it: method and address, its own ones as paths."""

    url: str
    requests: list[tuple[str, str]] = field(default_factory=list)


class Watching(SimpleHTTPRequestHandler):
    """Serves a folder, and as a proxy refuses whatever is not for this host."""

    host: Host

    def send_head(self):
        whole = urlsplit(self.path)
        own = not whole.netloc or self.host.url.startswith(f"http://{whole.netloc}/")
        self.host.requests.append((self.command, whole.path if own else self.path))
        if not own:
            return self.send_error(502)
        self.path = whole.path
        return super().send_head()

    def refuse(self):
        self.host.requests.append((self.command, self.path))
        self.send_error(502)

    do_POST = do_PUT = do_CONNECT = do_OPTIONS = refuse  # noqa: N815

    def log_message(self, *told) -> None:
        """Nothing on stderr."""


@pytest.fixture
def host() -> Iterator[Callable[[Path], Host]]:
    """Serves a folder until the test ends."""
    servers = []

    def serve(folder: Path) -> Host:
        handler = type("Handler", (Watching,), {})
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
    """The package of ONNX Runtime Web: in the cache, or fetched once."""
    try:
        runtime.read()
    except ExportError as problem:
        pytest.skip(f"neither cached nor reachable: {problem.message}")
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
    """Opens an address in Chromium, all traffic through its host; what goes wrong in the page fails."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(url: str) -> Page:
        proxy = ProxySettings(server=url.rstrip("/"), bypass="<-loopback>")
        contexts.append(browser.new_context(proxy=proxy))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda problem: wrong.append(str(problem)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.goto(url)
        page.wait_for_selector("#directions label")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in wrong if "Content Security Policy" not in line] == []
