"""What monitors see: metrics, readiness, numbered requests, logs; and a stop that loses nothing."""

import io
import json
import logging
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from s2f_cli.core import images
from s2f_cli.core.version import __version__
from s2f_cli.inference.translator import Translator
from s2f_cli.models import zoo
from s2f_cli.web import logs, running
from s2f_cli.web.access import Access
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.operations import WarmUp


def samples(client) -> dict[tuple[str, ...], float]:
    """The values of all metrics, by name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_requests_refusals_and_work_are_counted(client, png, drawing) -> None:
    before = samples(client)
    for upload in (png(drawing(1)), {"image": b"text"}):
        client.post("/translate", params={"to": "sketch"}, files=upload)
    client.get("/none")
    after = samples(client)
    assert before["s2f_model_info", "tiny", "tiny", __version__, "6", "sketch"] == 1
    assert after["s2f_requests_total", "POST", "/translate", "200"] == 1
    assert after["s2f_requests_total", "POST", "/translate", "422"] == 1
    assert after["s2f_requests_total", "GET", "other", "404"] == 1
    assert after["s2f_requests_total", "GET", "/metrics", "200"] == 1
    assert after["s2f_refusals_total", "invalid"] == 1
    assert after["s2f_translation_seconds_count", "tiny", "sketch"] == 1
    assert after["s2f_request_seconds_count", "/translate"] == 2
    assert (after["s2f_queue",], after["s2f_queue_limit",]) == (0, 2)
    assert after["process_resident_memory_bytes",] > 0
    assert not any("/none" in key for key in after)


def test_the_queue_is_measured(client, translator, png, drawing, monkeypatch) -> None:
    proceed, original = threading.Event(), translator.translate

    def slow(*arguments, **options):
        assert proceed.wait(60)
        return original(*arguments, **options)

    monkeypatch.setattr(translator, "translate", slow)
    with client, ThreadPoolExecutor() as pool:
        request = pool.submit(client.post, "/translate", params={"to": "face"}, files=png(drawing(1)))
        while samples(client)["s2f_queue",] != 1:
            assert not request.done()
        proceed.set()
        assert request.result().status_code == 200
        assert samples(client)["s2f_queue",] == 0


def test_the_server_is_ready_when_every_model_has_translated(client, translator, monkeypatch) -> None:
    proceed, original = threading.Event(), translator.translate

    def slow(*arguments, **options):
        assert proceed.wait(60)
        return original(*arguments, **options)

    monkeypatch.setattr(translator, "translate", slow)
    state = client.app.state
    state.warm_up.start({"tiny": translator}, state.worker)
    refused = client.get("/ready")
    assert (refused.status_code, refused.json()) == (503, {"detail": "the models are being loaded"})
    assert client.get("/health").status_code == 200
    proceed.set()
    state.worker.submit(int).result()
    assert client.get("/ready").json() == {"status": "ready"}
    assert not any(key[0] == "s2f_refusals_total" for key in samples(client))


def test_a_model_that_cannot_translate_is_never_ready(client, translator, monkeypatch, caplog) -> None:
    monkeypatch.setattr(translator, "translate", lambda *arguments, **options: 1 / 0)
    state = client.app.state
    state.warm_up.start({"tiny": translator}, state.worker)
    state.worker.submit(int).result()
    assert client.get("/ready").status_code == 503
    assert "the model tiny cannot translate" in caplog.text


def test_a_model_warms_up_on_a_small_image_and_a_short_search(monkeypatch) -> None:
    translator = Translator.open(zoo.find("face-to-sketch").path, "cpu")
    translated, searched, run = [], [], translator.engine.run

    def recorded(kind, to, batch, *arguments, **options):
        translated.append((kind, to, batch.shape))
        return run(kind, to, batch, *arguments, **options)

    monkeypatch.setattr(translator.engine, "run", recorded)
    monkeypatch.setattr("s2f_cli.faces.align.find", lambda image: searched.append(image.size))
    warm_up = WarmUp()
    with ThreadPoolExecutor(1) as worker:
        warm_up.start({"shipped": translator}, worker)
    assert warm_up.done
    assert translated == [("directions", "sketch", (1, 3, 64, 64))]
    assert searched == [(64, 1)]


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 101, False)])
def test_a_request_has_a_number(client, given: str, kept: bool) -> None:
    numbers = [client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] for _ in "ab"]
    assert (numbers == [given, given]) == kept
    assert kept or (len(set(numbers)) == 2 and all(len(number) == 32 for number in numbers))


def test_requests_and_errors_are_logged_as_json(
    client, translator, png, drawing, monkeypatch, caplog
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    log = logging.getLogger("s2f.requests")
    caplog.set_level(logging.INFO, log.name)
    monkeypatch.setattr(translator, "translate", lambda *arguments, **options: 1 / 0)
    log.addHandler(handler)
    try:
        headers = {"X-Request-ID": "one"}
        failed = client.post("/translate?to=face", files=png(drawing(1)), headers=headers)
        client.get("/none%0A", headers={"X-Request-ID": "two"})
        try:
            raise ValueError("why")
        except ValueError:
            log.exception("failed")
    finally:
        log.removeHandler(handler)
    first, second, error = map(json.loads, stream.getvalue().splitlines())
    assert failed.headers["x-request-id"] == first["request_id"] == "one"
    expected = {"method": "POST", "path": "/translate", "status": 500, "level": "info"}
    assert expected.items() <= first.items() and first["seconds"] > 0 and first["client"] == "testclient"
    assert (second["request_id"], second["status"]) == ("two", 404)
    assert error["exception"].endswith("ValueError: why") and "request_id" not in error


def test_a_stop_answers_what_has_arrived(start, tiny_run, png, drawing, monkeypatch) -> None:
    limits = RequestLimits(seconds=30)
    server = running.prepare(running.Settings({"tiny": tiny_run / "model.safetensors"}, limits, Access()))
    address = start(server)
    with urllib.request.urlopen(f"{address}health") as answer:
        assert answer.status == 200
    begun, proceed = threading.Event(), threading.Event()

    def slow(*arguments):
        begun.set()
        assert proceed.wait(60)
        return images.encode(Image.new("L", (1, 1)))

    monkeypatch.setattr("s2f_cli.web.server.translate_bytes", slow)
    with ThreadPoolExecutor() as pool:
        request = pool.submit(httpx.post, f"{address}translate?to=face", files=png(drawing(1)), timeout=60)
        assert begun.wait(60)
        server.should_exit = True
        while True:
            try:
                httpx.get(f"{address}health", trust_env=False)
            except httpx.HTTPError:
                break
        assert not request.done()
        proceed.set()
        assert request.result().status_code == 200
