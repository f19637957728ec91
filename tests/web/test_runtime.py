"""ONNX Runtime Web: the pinned package, or an error with a hint."""

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from s2f_cli.core.errors import ExportError
from s2f_cli.web import runtime


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the files that a page needs, pinned instead of the real one."""
    file = tmp_path / "mine.tgz"
    with tarfile.open(file, "w:gz") as archive:
        for name, source in runtime.FILES.items():
            member = tarfile.TarInfo(source)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    monkeypatch.setattr(runtime, "SHA512", hashlib.sha512(file.read_bytes()).hexdigest())
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    return file


def test_reads_a_given_package(package: Path) -> None:
    files = runtime.read(package)
    plain = {
        name: gzip.decompress(files[name]) if name.endswith(".gz") else files[name] for name in runtime.FILES
    }
    assert plain == {name: name.encode() for name in runtime.FILES}
    assert b"MIT License" in files["LICENSE.txt"]


def test_the_cache_needs_no_network(package: Path) -> None:
    runtime.cached().parent.mkdir()
    runtime.cached().write_bytes(package.read_bytes())
    assert runtime.read()["ort.js"] == b"ort.js"


@pytest.fixture
def registry(package: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A registry on loopback that serves this file as the package."""
    served = tmp_path / "registry" / "onnxruntime-web" / "-" / f"onnxruntime-web-{runtime.VERSION}.tgz"
    served.parent.mkdir(parents=True)
    served.write_bytes(package.read_bytes())
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "registry"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
        yield served
        server.shutdown()


def test_it_is_downloaded_once(registry: Path) -> None:
    assert runtime.read()["ort.js"] == b"ort.js"
    registry.unlink()
    assert runtime.read()["ort.js"] == b"ort.js"


def test_a_damaged_package_is_downloaded_again(registry: Path) -> None:
    runtime.cached().parent.mkdir()
    runtime.cached().write_bytes(registry.read_bytes()[:-9])
    assert runtime.read()["ort.js"] == b"ort.js"


def test_a_download_must_match_the_pinned_hash(registry: Path) -> None:
    registry.write_bytes(registry.read_bytes() + b"x")
    with pytest.raises(ExportError, match="the download does not have the expected hash"):
        runtime.read()
    assert not runtime.cached().exists()


def test_another_package_is_an_error(package: Path) -> None:
    package.write_bytes(package.read_bytes() + b"x")
    with pytest.raises(ExportError, match="is not the package onnxruntime-web") as raised:
        runtime.read(package)
    assert f"npm pack onnxruntime-web@{runtime.VERSION}" in raised.value.hint


def test_a_missing_package_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"there is no file .*no\.tgz"):
        runtime.read(tmp_path / "no.tgz")


def test_without_a_network_the_hint_names_the_option(package: Path) -> None:
    with pytest.raises(
        ExportError, match=r"cannot download http://127\.0\.0\.1:9/onnxruntime-web/-/"
    ) as raised:
        runtime.read()
    assert "--runtime" in raised.value.hint
