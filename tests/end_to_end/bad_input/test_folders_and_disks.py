"""Empty and missing folders, targets that are not writable, and full disks."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from s2f_cli.models import bundle

KEEP = b"an existing file"


def contents(folder: str) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()}


def test_an_empty_folder_is_an_error(command, s2f, folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    result = s2f(*command.arguments)
    assert result.code == 1 and not result.out
    assert "in holds no images" in result.err and "s2f reads" in result.err
    assert not Path("out").exists()


def test_a_missing_folder_is_an_error(command, s2f, folder: Path) -> None:
    shutil.rmtree(folder)
    result = s2f(*command.arguments)
    assert result.code == 1 and not result.out
    said = ("there is no file or folder in", "there is no folder in", "in: there is no such file or folder")
    assert any(words in result.err for words in said)
    assert not Path("out").exists()


def test_a_missing_file_does_not_stop_the_others(s2f, folder: Path) -> None:
    (folder / "link.png").symlink_to("nowhere")
    files = ["in/a.png", "in/nobody.png", "in/link.png", "x" * 300, "in/z.png"]
    result = s2f("translate", "--to", "face", *files, "-o", "out", "--device", "cpu")
    assert result.code == 1
    assert result.lines == ["out/a.face.png", "out/z.face.png"]
    assert len(result.left_out) == 3


@pytest.fixture(params=["translate", "sketchify", "prepare", "train"])
def writing(request: pytest.FixtureRequest, data: Path, tiny_recipe: Path) -> list[str]:
    """Each command that writes files, into `out`."""
    return {
        "translate": ["translate", "--to", "face", "in", "-o", "out", "--device", "cpu"],
        "sketchify": ["sketchify", "in", "--output", "out"],
        "prepare": ["prepare", "folders", "--faces", "in", "-o", "out"],
        "train": ["train", str(tiny_recipe), "--steps", "1", "--data", str(data), "-o", "out"],
    }[request.param]


@pytest.mark.parametrize("place", ["file/out", "/proc/self/out"])
def test_a_target_that_is_not_writable_is_an_error(place: str, writing: list[str], s2f, folder: Path) -> None:
    Path("file").write_bytes(KEEP)
    result = s2f(*(place if word == "out" else word for word in writing))
    assert result.code == 1
    assert f"cannot write {Path(place).parent}/" in result.err
    assert "the folder is writable" in result.err or "choose another folder" in result.err
    assert Path("file").read_bytes() == KEEP


def full(monkeypatch: pytest.MonkeyPatch, reason: int = errno.ENOSPC) -> None:
    """Make the disk full: files can be neither opened for writing nor flushed."""

    def fail(*_: object) -> None:
        raise OSError(reason, os.strerror(reason))

    def opened(path: Path, mode: str = "r", *more: object, **named: object) -> object:
        return fail() if set(mode) & set("wax+") else open(path, mode, *more, **named)  # noqa: PTH123

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(Path, "open", opened)


def test_a_full_disk_keeps_existing_images(
    writer, s2f, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("out").mkdir()
    for stem in "az":
        writer.target(stem).write_bytes(KEEP)
    before = contents("out")
    full(monkeypatch)
    result = s2f(*writer.arguments)
    assert result.code == 1 and not result.out
    assert len(result.left_out) == 2
    assert all("No space left on device" in line and "the disk has space" in line for line in result.left_out)
    assert contents("out") == before


def test_a_full_disk_keeps_an_existing_data_set(s2f, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("prepare", "folders", "--faces", "in", "-o", "out", "--overwrite")
    assert s2f(*arguments).code == 0
    before = contents("out")
    Image.new("RGB", (24, 16)).save(folder / "new.png")
    full(monkeypatch)
    result = s2f(*arguments)
    assert result.code == 1
    assert "No space left on device" in result.err
    assert contents("out") == before


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
def test_a_disk_that_is_not_writable_keeps_the_last_save(
    reason: int,
    s2f,
    here: Path,
    data: Path,
    tiny_recipe: Path,
    tiny_run: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ("train", tiny_recipe, "--data", data, "--device", "cpu", "-o", "run")
    assert s2f(*arguments, "--steps", 3).code == 0
    with monkeypatch.context() as patched:
        full(patched, reason)
        result = s2f(*arguments, "--resume", "--steps", 6)
    assert result.code == 1
    assert os.strerror(reason) in result.err and "the folder is writable" in result.err
    assert bundle.read_card(Path("run/model.safetensors")).step == 3
    assert s2f(*arguments, "--resume", "--steps", 6).code == 0
    assert Path("run/model.safetensors").read_bytes() == (tiny_run / "model.safetensors").read_bytes()
