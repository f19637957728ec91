import http.client
import io
import time

import pytest
import torch

from s2f_cli.core import downloads
from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics import _weights

URL = "https://example.invalid/files/net-01ba4719.pth"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return tmp_path / "hub" / "checkpoints"


class _Response(io.BytesIO):
    """A response with a Content-Length."""

    def __init__(self, body, length):
        super().__init__(body)
        self.total = length
        self.status = 200
        self.headers = {}

    @property
    def length(self):
        return self.total - self.tell()


class _Broken(_Response):
    """A response whose connection fails while it is read."""

    def __init__(self):
        super().__init__(b"", 9)

    def read1(self, *_):
        raise ConnectionResetError("reset by peer")


def test_uses_the_cached_file(hub):
    hub.mkdir(parents=True)
    (hub / "net-01ba4719.pth").write_bytes(b"x")
    assert _weights.find(URL) == hub / "net-01ba4719.pth"


def test_downloads_into_the_cache(hub, monkeypatch):
    monkeypatch.setattr(downloads.urllib.request, "urlopen", lambda *_, **__: _Response(b"\n", 1))
    assert _weights.find(URL).read_bytes() == b"\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda *_, **__: _Response(b"\n", 2), "was interrupted"),
        (lambda *_, **__: _Response(b"wrong", 5), "does not have the expected hash"),
        (lambda *_, **__: _Broken(), "reset by peer"),
        (lambda *_, **__: (_ for _ in ()).throw(OSError("no route")), "no route"),
        (lambda *_, **__: (_ for _ in ()).throw(http.client.BadStatusLine("?")), r"\?"),
        (lambda *_, **__: time.sleep(30), "no answer"),
    ],
)
def test_a_failed_download_names_the_place_and_leaves_no_file(hub, monkeypatch, answer, reason):
    monkeypatch.setattr(downloads.urllib.request, "urlopen", answer)
    monkeypatch.setattr(downloads, "TIMEOUT", 0.2)
    with pytest.raises(MetricError, match=reason) as caught:
        _weights.find(URL)
    assert str(hub / "net-01ba4719.pth") in caught.value.hint and URL in caught.value.message
    assert not (hub / "net-01ba4719.pth").exists()


def test_a_named_file_must_exist(tmp_path):
    with pytest.raises(MetricError, match="there is no weights file"):
        _weights.find(URL, tmp_path / "missing.pth")


def test_a_pickle_file_is_refused_without_running_it(tmp_path):
    file = tmp_path / "net.pth"
    file.write_bytes(b"\x80\x04cposix\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(MetricError, match="not a weights file"):
        _weights.load(file)
    assert not (tmp_path / "pwned").exists()
