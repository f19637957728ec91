"""ONNX Runtime Web: the pinned package or a clear refusal."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from s2f_cli.errors import ExportError
from s2f_cli.web import runtime


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with the files that are looked for, pinned in place of the real one."""
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
    found = runtime.read(package)
    assert {name: found[name] for name in runtime.FILES} == {"ort.js": b"ort.js", "ort.wasm": b"ort.wasm"}
    assert b"MIT License" in found["LICENSE.txt"]


def test_the_cache_needs_no_network(package: Path) -> None:
    runtime.cached().parent.mkdir()
    runtime.cached().write_bytes(package.read_bytes())
    assert runtime.read()["ort.js"] == b"ort.js"


def test_another_package_is_refused(package: Path) -> None:
    package.write_bytes(package.read_bytes() + b"x")
    with pytest.raises(ExportError, match="is not the package onnxruntime-web") as told:
        runtime.read(package)
    assert f"npm pack onnxruntime-web@{runtime.VERSION}" in told.value.hint


def test_a_package_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"there is no file .*no\.tgz"):
        runtime.read(tmp_path / "no.tgz")


def test_without_a_network_it_says_what_to_do(package: Path) -> None:
    with pytest.raises(ExportError, match=r"cannot fetch http://127\.0\.0\.1:9/onnxruntime-web/-/") as told:
        runtime.read()
    assert "--runtime" in told.value.hint
