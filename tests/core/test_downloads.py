"""Downloads from a server on the loopback interface."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from unittest import mock

import pytest
import torch

from s2f_cli.core import downloads
from s2f_cli.core.errors import RecipeError, S2FError

CONTENT = bytes(range(256)) * 10
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:9/net.pth"


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The file that `url` serves."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "net.pth").write_bytes(CONTENT)
    return tmp_path / "served" / "net.pth"


@pytest.fixture
def url(served: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(served.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/net.pth"
        server.shutdown()


def test_a_file_is_downloaded_once(served: Path, url: str, tmp_path: Path) -> None:
    target = tmp_path / "cache" / "net.pth"
    assert downloads.cached(url, target) == target
    served.unlink()
    assert downloads.cached(url, target).read_bytes() == CONTENT


def test_a_cached_file_with_another_checksum_is_downloaded_again(url: str, tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    target.write_bytes(b"damaged")
    assert downloads.cached(url, target).read_bytes() == b"damaged"
    assert downloads.cached(url, target, checksum=SHA256).read_bytes() == CONTENT


@pytest.mark.parametrize("checksum", ["0" * 64, f"sha512:{SHA256}"])
def test_a_download_with_another_checksum_is_refused(url: str, tmp_path: Path, checksum: str) -> None:
    target = tmp_path / "net.pth"
    target.write_bytes(b"old")
    with pytest.raises(S2FError, match="hash"):
        downloads.fetch(url, target, checksum=checksum)
    assert target.read_bytes() == b"old"


def test_eight_digits_in_the_name_of_a_cached_file_are_a_checksum(url: str, tmp_path: Path) -> None:
    downloads.cached(url, tmp_path / f"net-{SHA256[:8]}.pth")
    with pytest.raises(S2FError, match="hash"):
        downloads.cached(url, tmp_path / "net-01234567.pth")


@pytest.mark.parametrize(
    "name",
    ["face-portrait", "cyclegan", "net-0123456g", "net-012345678", "net-0123456", "01234567", "net_01234567"],
)
def test_other_names_carry_no_checksum(url: str, tmp_path: Path, name: str) -> None:
    assert downloads.cached(url, tmp_path / f"{name}.pth").read_bytes() == CONTENT


def test_a_name_chosen_by_others_is_no_checksum(url: str, tmp_path: Path) -> None:
    """A date has eight digits too."""
    downloads.fetch(url, tmp_path / "net-20240115.pth")
    assert (tmp_path / "net-20240115.pth").read_bytes() == CONTENT


def test_any_algorithm_of_hashlib_can_be_a_checksum(served: Path) -> None:
    assert downloads.has_checksum(served, SHA256)
    assert downloads.has_checksum(served, f"sha512:{hashlib.sha512(CONTENT).hexdigest()}")
    assert not downloads.has_checksum(served, f"md5:{SHA256}")
    assert downloads.digest(served) == SHA256[:8]


def test_the_error_names_the_address_the_file_and_the_fix(tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    with pytest.raises(RecipeError) as raised:
        downloads.cached(NOWHERE, target, alternative="give another", error=RecipeError)
    assert f"cannot download {NOWHERE} to {target}: " in raised.value.message
    assert raised.value.hint == f"download it elsewhere and save it as {target}, or give another"
    with pytest.raises(S2FError) as plain:
        downloads.cached(NOWHERE, target)
    assert plain.value.hint == f"download it elsewhere and save it as {target}"


def test_progress_ends_with_the_size(url: str, tmp_path: Path) -> None:
    counts: list[tuple[int, int]] = []
    downloads.fetch(url, tmp_path / "net.pth", on_progress=lambda *both: counts.append(both))
    assert counts[-1] == (len(CONTENT), len(CONTENT))


def test_in_torch_hub_is_its_folder_of_checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert downloads.in_torch_hub(NOWHERE) == tmp_path / "checkpoints" / "net.pth"


class Breaking(BaseHTTPRequestHandler):
    """Sends at most `part` bytes of the content, then closes the connection."""

    part = 1000
    ranges = True
    version: str | None = '"1"'
    asked: list[str | None]

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        if self.version:
            self.send_header("ETag", self.version)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : start + self.part])

    def log_message(self, *arguments: object) -> None:
        """Keep stderr clean."""


@pytest.fixture
def breaking() -> Iterator[Callable[..., tuple[str, list[str | None]]]]:
    """Starts a server that interrupts its answers; returns a URL and the ranges that it was asked for."""
    servers = []

    def start(**settings: object) -> tuple[str, list[str | None]]:
        handler = type("Handler", (Breaking,), {"asked": [], **settings})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/net.pth", handler.asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_download_that_breaks_off_is_resumed(breaking, tmp_path: Path) -> None:
    url, asked = breaking()
    counts: list[tuple[int, int]] = []
    downloads.fetch(url, tmp_path / "net.pth", checksum=SHA256, on_progress=lambda *both: counts.append(both))
    assert asked == [None, "bytes=1000-", "bytes=2000-"]
    assert counts[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("settings", [{"ranges": False}, {"version": None}, {"version": 'W/"1"'}])
def test_a_server_that_cannot_resume_is_asked_again_but_not_for_ever(
    breaking, tmp_path: Path, settings
) -> None:
    url, asked = breaking(**settings)
    with pytest.raises(S2FError, match="was interrupted"):
        downloads.fetch(url, tmp_path / "net.pth")
    assert 1 < len(asked) < 9
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/a", "data:,a", "s3://a/b", "http://[a", "http://a:b/"]
)
def test_addresses_that_cannot_be_fetched_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(S2FError, match="cannot download"):
        downloads.fetch(url, tmp_path / "net.pth")


def test_the_time_for_an_answer_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(downloads, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(S2FError, match="S2F_TIMEOUT"):
        downloads.fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/", tmp_path / "net.pth")


@pytest.mark.parametrize("part", [CONTENT[:1500], b"of another version", CONTENT, CONTENT + b"x"])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_is_resumed_by_the_next_call(breaking, tmp_path: Path, part: bytes, ranges: bool) -> None:
    target = tmp_path / "net.pth"
    url, _ = breaking(part=0)
    with pytest.raises(S2FError), mock.patch.object(downloads, "_receive", lambda _, file, *rest: stop(file)):
        downloads.fetch(url, target, checksum=SHA256)
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == b"received"
    kept.write_bytes(part)
    url, asked = breaking(part=len(CONTENT), ranges=ranges)
    downloads.fetch(url, target, checksum=SHA256)
    assert target.read_bytes() == CONTENT and asked[0] == f"bytes={len(part)}-"
    assert list(tmp_path.iterdir()) == [target]


def stop(file: IO[bytes]) -> None:
    file.write(b"received")
    raise S2FError("the network is gone")


def test_without_a_hash_no_part_is_kept(breaking, tmp_path: Path) -> None:
    url, _ = breaking(version=None)
    with pytest.raises(S2FError, match="was interrupted"):
        downloads.fetch(url, tmp_path / "net.pth")
    assert not list(tmp_path.iterdir())
