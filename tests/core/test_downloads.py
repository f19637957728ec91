"""Downloads from a server on the loopback interface."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


def test_eight_digits_in_the_name_are_a_checksum(url: str, tmp_path: Path) -> None:
    downloads.fetch(url, tmp_path / f"net-{SHA256[:8]}.pth")
    with pytest.raises(S2FError, match="hash"):
        downloads.fetch(url, tmp_path / "net-01234567.pth")


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
