"""What is found, and what is told of what is missing."""

import sys
from importlib import metadata
from pathlib import Path

import pytest

from s2f_cli.cli import environment


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def found() -> dict[tuple[str, str], environment.Finding]:
    return {(finding.topic, finding.name): finding for finding in environment.examine()}


def test_here_nothing_needed_is_missing(tmp_path: Path) -> None:
    findings = found()
    assert not [finding for finding in findings.values() if finding.state == "missing"]
    assert findings["packages", "numpy"].detail == metadata.version("numpy")
    assert findings["folders", "home"].detail.startswith(str(tmp_path / "home"))
    assert findings["models", "Inception of FID"].state == "optional"
    assert all(bool(finding.fix) == (finding.state != "here") for finding in findings.values())


def test_what_is_missing_is_told_with_its_command(monkeypatch) -> None:
    right = metadata.version

    def version(name: str) -> str:
        if name in ("numpy", "onnx"):
            raise metadata.PackageNotFoundError(name)
        return right(name)

    monkeypatch.setattr(metadata, "version", version)
    findings = found()
    assert (findings["packages", "numpy"].state, findings["packages", "numpy"].fix) == (
        "missing",
        "pip install numpy",
    )
    onnx = findings["extra onnx", "onnx"]
    assert (onnx.state, onnx.fix) == ("optional", "pip install 's2f-cli[onnx]'")


def test_added_models_are_named(tmp_path: Path) -> None:
    (tmp_path / "home/models").mkdir(parents=True)
    (tmp_path / "home/models/mine.safetensors").write_bytes(b"x")
    assert found()["models", "added"].detail == "mine"


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(environment.os, "access", lambda place, mode: False)
    cache = found()["folders", "cache"]
    assert (cache.state, cache.fix) == ("missing", "set S2F_CACHE to another folder")


def test_the_command_for_ffmpeg_is_that_of_the_platform(monkeypatch) -> None:
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    for system, start in {"win32": "winget", "darwin": "brew", "linux": "apt"}.items():
        monkeypatch.setattr(sys, "platform", system)
        assert next(environment._programs()).fix == f"{start} install ffmpeg"
