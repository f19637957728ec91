"""What the server says about itself: models, schema, pages."""

import pytest
import uvicorn
from fastapi.testclient import TestClient

from s2f_cli.web import server, site
from s2f_cli.web.limits import RequestLimits

PATHS = ["/translate", "/faces", "/health", "/ready", "/models"]


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
    assert set(client.get("/openapi.json").json()["paths"]) == set(PATHS)
    assert client.get("/page.json").json()["engine"] == "server"
    assert client.get("/").text == (site.PAGE / "index.html").read_text(encoding="utf-8")


def test_the_api_page_needs_no_other_host(client) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("http-equiv", "").replace("HTTP", "")
    for file in ["api/docs.js", "api/docs.css", "style.css", "icon.svg"]:
        assert file in page
        assert client.get(f"/{file}").status_code == 200


def test_the_page_and_the_api_page_work_in_a_browser(start, browser, translator, drawing, tmp_path) -> None:
    app = server.create({"tiny": translator}, RequestLimits())
    address = start(uvicorn.Server(uvicorn.Config(app, log_level="error")))
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
    assert page.locator("section h2 code").all_inner_texts() == PATHS
    assert all(url.startswith((address, "blob:")) for url in requested)
    page.close()


@pytest.mark.parametrize("path", ["/health", "/models", "/", "/docs", "/page.json", "/style.css"])
def test_head_is_get_without_the_body(client, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]


def test_head_of_nothing_is_404(client) -> None:
    assert client.head("/none").status_code == 404
