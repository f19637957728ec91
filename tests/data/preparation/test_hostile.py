"""Hostile input to `s2f prepare`: every bad file is named with a reason, and the others are prepared."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from s2f_cli.cli.app import app
from s2f_cli.core import images
from s2f_cli.data.manifest import Manifest


def image_bytes(number: int) -> bytes:
    levels = np.random.default_rng(number).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG")
    return buffer.getvalue()


def prepare(*words: object) -> Result:
    return CliRunner().invoke(app, ["prepare", *map(str, words)])


def truncated(folder: Path) -> None:
    (folder / "bad.png").write_bytes(image_bytes(9)[:-300])


def empty(folder: Path) -> None:
    (folder / "bad.png").write_bytes(b"")


def text(folder: Path) -> None:
    (folder / "bad.jpg").write_text("I am no image")


def bomb(folder: Path) -> None:
    Image.new("1", (3000, 3000)).save(folder / "bad.png")


def linked_folder(folder: Path) -> None:
    (folder / "bad").symlink_to(folder)


def dead_link(folder: Path) -> None:
    (folder / "bad.png").symlink_to(folder / "nowhere.png")


def equal_stems(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "bad.png").write_bytes(image_bytes(9))


def unreadable_name(folder: Path) -> None:
    (folder / os.fsdecode(b"bad\xff.png")).write_bytes(b"")


KINDS: dict[Callable[[Path], None], str] = {
    truncated: "truncated or damaged",
    empty: "is empty",
    text: "not an image",
    bomb: "more than",
    linked_folder: "a link to a folder is not followed",
    dead_link: "a link that leads nowhere",
    equal_stems: "has the same name, 'bad'",
    unreadable_name: "is empty",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_bad_file_is_named_and_left_out(
    kind: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 1_000_000)
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.png").write_bytes(image_bytes(number))
    kind(folder)
    result = CliRunner().invoke(
        app, ["prepare", "folders", "--faces", str(folder), "-o", str(tmp_path / "data")]
    )
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line.startswith("left out:")]
    assert len(lines) == (2 if kind is equal_stems else 1)
    assert all("bad" in line and KINDS[kind] in line for line in lines)
    manifest = Manifest.read(tmp_path / "data")
    assert [entry.name for entry in sorted(manifest.entries, key=lambda e: e.name)] == ["0", "1", "2", "3"]
    assert len(manifest.header.left_out) == len(lines)


@pytest.mark.parametrize("name", ["a\nb", "a b", "größe", "日本", "a:b", "%41", "-rf", "a'b\"c"])
def test_a_strange_name_is_kept_as_far_as_file_systems_allow(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    for number, stem in enumerate((name, "plain")):
        (folder / f"{stem}.png").write_bytes(image_bytes(number))
    result = CliRunner().invoke(
        app, ["prepare", "folders", "--faces", str(folder), "-o", str(tmp_path / "data")]
    )
    assert result.exit_code == 0, result.stderr
    manifest = Manifest.read(tmp_path / "data")
    assert name in {entry.identity for entry in manifest.entries}
    for entry in manifest.entries:
        assert "\n" not in entry.name
        assert manifest.path(entry, "face").is_file()


def test_a_path_that_leaves_an_archive_is_named_and_the_other_files_are_used(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "faces.zip", "w") as packed:
        packed.writestr("../evil.png", image_bytes(7))
        for number in range(3):
            packed.writestr(f"{number}.png", image_bytes(number))
    words = [
        "prepare",
        "folders",
        "--faces",
        str(tmp_path / "faces.zip"),
        "-o",
        str(tmp_path / "in" / "data"),
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "../evil.png: its path leaves the archive" in result.stderr
    assert len(Manifest.read(tmp_path / "in" / "data").entries) == 3
    assert not list(tmp_path.rglob("evil.png"))


def test_broken_drawings_and_images_without_attributes_are_left_out(tmp_path: Path) -> None:
    drawing = '{"drawing": [[[0, 255], [0, %d]]], "key_id": "1"}'
    lines = [drawing % 255, "{broken", drawing % 9]
    (tmp_path / "face.ndjson").write_text("\n".join(lines))
    result = prepare("quickdraw", tmp_path / "face.ndjson", "--size", 32, "-o", tmp_path / "drawn")
    assert result.exit_code == 1
    assert "face.ndjson, line 2: it is not a drawing" in result.stderr
    assert len(Manifest.read(tmp_path / "drawn").entries) == 2
    faces = tmp_path / "celeba" / "images"
    faces.mkdir(parents=True)
    for number in range(3):
        (faces / f"{number}.png").write_bytes(image_bytes(number))
    (tmp_path / "celeba" / "attributes.csv").write_text("image_id,Male\n0.png,1\n1.png,-1\n")
    words = [
        "prepare",
        "celeba",
        str(tmp_path / "celeba"),
        "--balance",
        "Male",
        "-o",
        str(tmp_path / "faces"),
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "2: it lacks an attribute" in result.stderr
    assert len(Manifest.read(tmp_path / "faces").entries) == 2
