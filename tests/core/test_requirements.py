import subprocess
import sys
from importlib import metadata

import pytest

from s2f_cli.core import requirements
from s2f_cli.core.errors import MissingPart
from s2f_cli.core.requirements import install_hint, require, required

LINES = [
    "face_recognition_models>=0.3.0",
    "numpy>=1.26",
    "scipy<1.18,>=1.11",
    "dlib-bin>=19.24.6; sys_platform != 'none'",
    "dlib>=19.24; sys_platform == 'none'",
    "onnx>=1.16; extra == 'onnx'",
    "onnxruntime>=1.18; extra == 'onnx'",
    "ray[tune]>=2.9; extra == 'ray'",
    "s2f-cli[onnx]; extra == 'dev'",
    "pytest>=8; extra == 'dev'",
]


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata of an installed s2f-cli."""
    monkeypatch.setattr(metadata, "requires", lambda name: LINES if name == "s2f-cli" else None)


@pytest.mark.parametrize(
    ("package", "extra", "command"),
    [
        ("onnx", "onnx", "pip install 'onnx>=1.16' 'onnxruntime>=1.18'"),
        ("ray", "ray", "pip install 'ray[tune]>=2.9'"),
        ("pytest", "dev", "pip install 'pytest>=8'"),
        ("numpy", "", "pip install 'numpy>=1.26'"),
        ("face_recognition_models", "", "pip install 'face_recognition_models>=0.3.0'"),
        ("dlib", "", "pip install 'dlib-bin>=19.24.6'"),
        ("unheard_of", "", "pip install unheard_of"),
        ("unheard_of", "unknown", "pip install unheard_of"),
    ],
)
def test_the_hint_installs_the_missing_package(package: str, extra: str, command: str) -> None:
    assert install_hint(package, extra) == command


def test_normal_dependencies_are_those_of_this_platform() -> None:
    assert [item.name for item in required()] == ["face_recognition_models", "numpy", "scipy", "dlib-bin"]


def test_without_metadata_the_hint_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", not_installed)
    assert required() == []
    assert install_hint("onnx", "onnx") == "pip install onnx"


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(MissingPart) as raised:
        require("no_such_package", "onnx")
    assert raised.value.message == "the package 'no_such_package' (extra 'onnx') is not installed"
    assert raised.value.hint == install_hint("no_such_package", "onnx")
    with pytest.raises(MissingPart, match="the package 'no_such_package' is not installed"):
        require("no_such_package")


def test_an_installed_package_is_imported() -> None:
    assert require("json", "onnx").loads("[1]") == [1]


def test_importing_the_module_does_not_import_packaging() -> None:
    code = "import sys, s2f_cli.core.requirements; assert 'packaging' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_extra_named_in_the_code_exists() -> None:
    """Compares the calls of `require` in the package with pyproject.toml."""
    import re
    import tomllib
    from pathlib import Path

    root = Path(requirements.__file__).parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    called = {
        name
        for file in (root / "s2f_cli").rglob("*.py")
        for name in re.findall(r'require\([\w".]+, "(\w+)"\)', file.read_text(encoding="utf-8"))
    }
    assert called and called <= set(extras)
