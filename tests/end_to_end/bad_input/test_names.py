"""Unusual file names."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

NAMES = {
    "spaces": " a  b ",
    "newline": "a\nb",
    "non-ASCII": "Ærøskøbing 脸 é",
    "control": "a\x1b[31mb",
    "markup": "[bold]x[bold]",
    "quotes": 'it\'s "x"',
    "dash": "-rf",
    "pattern": "a*[b]?",
    "not UTF-8": os.fsdecode(b"caf\xe9"),
    "long": "x" * 240,
    "dots": "a.b..c.",
}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return NAMES[request.param]


def test_a_name_is_kept(name: str, writer, s2f, folder: Path) -> None:
    (folder / "a.png").rename(folder / f"{name}.png")
    result = s2f(*writer.arguments)
    assert result.code == 0, result.err
    Image.open(writer.target(name)).load()
    assert os.fsencode(writer.target(name)) + b"\n" in result.stdout


def test_a_name_is_printed_in_one_line(name: str, command, s2f, folder: Path) -> None:
    (folder / f"{name}.png").write_bytes(b"")
    shutil.copy("true/a.png", f"true/{name}.png")
    result = s2f(*command.arguments)
    assert result.code == 1
    (line,) = result.left_out
    assert "is empty" in line and line.isprintable()


def test_a_file_of_any_name_can_be_translated_alone(name: str, s2f, folder: Path) -> None:
    shutil.copy(folder / "a.png", f"{name}.png")
    result = s2f("translate", "--to", "face", "-o", "out", "--device", "cpu", "--", f"{name}.png")
    assert result.code == 0, result.err
    Image.open(f"out/{name}.face.png").load()


def test_a_result_whose_name_is_too_long_is_left_out(writer, s2f, folder: Path) -> None:
    (folder / "a.png").rename(folder / f"{'x' * 250}.png")
    result = s2f(*writer.arguments)
    if "sketchify" in writer.arguments:
        assert result.code == 0
    else:
        assert result.code == 1
        assert "too long" in result.left_out[0] and len(result.lines) == 1


def test_equal_stems_do_not_overwrite_each_other(command, s2f, folder: Path) -> None:
    Image.new("RGB", (24, 16)).save(folder / "a.bmp")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    result = s2f(*command.arguments)
    assert result.code == 1
    assert result.left_out
    assert {"a.bmp", "a.png"} <= {
        name for line in result.left_out for name in ("a.bmp", "a.png") if name in line
    }
    assert before == {file.name: file.read_bytes() for file in folder.iterdir()}
