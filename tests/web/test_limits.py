"""Limits on how many requests there are, and how long they take."""

import queue
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image

from s2f_cli.web import server
from s2f_cli.web.limits import RequestLimits
from s2f_cli.web.protocol import with_header_limit


def test_too_many_concurrent_requests_get_503(client, translator, drawing, monkeypatch, png) -> None:
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


def test_a_slow_translation_gets_504(translator, drawing, monkeypatch, png) -> None:
    client = TestClient(server.create({"tiny": translator}, RequestLimits(seconds=0.05)))
    monkeypatch.setattr(
        translator, "translate", lambda *arguments, **options: time.sleep(0.5) or [Image.new("L", (1, 1))]
    )
    response = client.post("/translate", params={"to": "face"}, files=png(drawing(1)))
    assert (response.status_code, response.json()) == (
        504,
        {"detail": "the translation took longer than 0.05 seconds"},
    )


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: a"])
def test_a_slow_header_is_sent_away(start, translator, sent: bytes) -> None:
    app = server.create({"tiny": translator}, RequestLimits())
    config = uvicorn.Config(app, http=with_header_limit(0.3), log_level="error")
    port = urlsplit(start(uvicorn.Server(config))).port
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
