"""Wheel and sdist: reproducible byte for byte, and complete."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

TOP = Path(__file__).parents[2]
SOURCES = [
    "s2f_cli",
    "docs",
    "tests",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CITATION.cff",
    "LICENSE",
    "NOTICE",
    "licenses",
    "constraints.txt",
]


def built(folder: Path, time: int) -> dict[str, Path]:
    """Build wheel and sdist from a copy of the checkout whose files have the modification time `time`."""
    copy = folder / "copy"
    for name in SOURCES:
        source = TOP / name
        ignored = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            shutil.copy(source, copy / name)
    for file in copy.rglob("*"):
        os.utime(file, (time, time))
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder / "dist")]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {file.name: file for file in (folder / "dist").iterdir()}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Path]]:
    return [built(tmp_path_factory.mktemp(f"build{time}"), time) for time in (1_600_000_000, 1_700_000_000)]


def test_two_builds_are_equal_byte_for_byte(twice: list[dict[str, Path]]) -> None:
    first, second = twice
    assert len(first) == 2
    assert sorted(first) == sorted(second)
    for name in first:
        assert first[name].read_bytes() == second[name].read_bytes(), name


def test_the_wheel_has_every_file_of_the_package_and_the_sdist_the_tests(
    twice: list[dict[str, Path]],
) -> None:
    (wheel,) = (file for name, file in twice[0].items() if name.endswith(".whl"))
    (sdist,) = (file for name, file in twice[0].items() if name.endswith(".tar.gz"))
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    package = {f.relative_to(TOP).as_posix() for f in (TOP / "s2f_cli").rglob("*") if f.is_file()}
    assert packed >= {name for name in package if "__pycache__" not in name}
    assert not [name for name in packed if name.startswith(("tests", "docs"))]
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("/tests/conftest.py") for name in names)
