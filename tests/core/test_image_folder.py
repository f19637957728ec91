"""The images of a folder, and the files that cannot be used."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.core.formats import SUFFIXES
from s2f_cli.core.image_folder import find, walk_images
from s2f_cli.core.images import read


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(file)


def test_files_of_all_subfolders_are_sorted_and_hidden_ones_skipped(tmp_path: Path) -> None:
    for name in ("b.PNG", "a/c.jpeg", "a/.hidden.png", ".folder/d.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find(tmp_path)
    assert found.files == [tmp_path / "a/c.jpeg", tmp_path / "b.PNG"]
    assert found.left_out == {}


def test_folders_without_images(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no images"):
        find(tmp_path)
    with pytest.raises(ImageError, match="no folder"):
        find(tmp_path / "none")


def test_a_folder_of_unusable_images_is_an_error_that_names_one(tmp_path: Path) -> None:
    (tmp_path / "a.psd").touch()
    with pytest.raises(ImageError, match=r"a\.psd: s2f does not read \.psd"):
        find(tmp_path)


@pytest.mark.parametrize("name", ["set.zip", "set.tar.gz", "set.rar", "a.png"])
def test_a_file_is_not_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ImageError, match="is a file" if name == "a.png" else "is an archive"):
        find(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "Thumbs.db",
        ".DS_Store",
        "._a.jpg",
        "@eaDir/a.png/SYNOPHOTO_THUMB_XL.jpg",
        "__MACOSX/._a.jpg",
        "__MACOSX/a.jpg",
        "desktop.ini",
        "$RECYCLE.BIN/x.jpg",
        "#recycle/a.jpg",
        ".@__thumb/a.jpg",
        "sub/@eaDir/a.jpg",
    ],
)
def test_litter_is_ignored(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.png")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes((tmp_path / "a.png").read_bytes())
    assert list(walk_images(tmp_path)) == [("a.png", "")]


def link_to_folder(folder: Path) -> None:
    (folder / "bad").symlink_to(folder.parent, target_is_directory=True)


def dangling_link(folder: Path) -> None:
    (folder / "bad.png").symlink_to("nowhere.png")


def link_to_itself(folder: Path) -> None:
    (folder / "bad.png").symlink_to("bad.png")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "bad.png")


def unreadable_format(folder: Path) -> None:
    (folder / "bad.PSD").touch()


def raw_photo(folder: Path) -> None:
    (folder / "bad.cr2").touch()


def without_suffix(folder: Path) -> None:
    (folder / "bad").write_bytes((folder / "a.png").read_bytes())


def unknown_suffix(folder: Path) -> None:
    Image.new("RGB", (2, 2)).save(folder / "bad.jpg_large", "JPEG")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (link_to_folder, "a link to a folder"),
        (dangling_link, "leads nowhere"),
        (link_to_itself, "cannot be read"),
        (pipe, "neither a file nor a folder"),
        (unreadable_format, "does not read .psd"),
        (raw_photo, "does not read .cr2"),
        (without_suffix, "rename it"),
        (unknown_suffix, "rename it"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="Windows has neither such links nor pipes")
def test_what_looks_like_an_image_is_named(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    write(tmp_path / "a.png", tmp_path / "z.png")
    make(tmp_path)
    found = find(tmp_path)
    assert [file.name for file in found.files] == ["a.png", "z.png"]
    ((name, text),) = found.left_out.items()
    assert Path(name).name.startswith("bad") and reason in text


def test_an_unreadable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.png", tmp_path / "locked/b.png")
    scandir = os.scandir

    def locked(path: Path) -> Any:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    assert find(tmp_path).left_out == {
        str(tmp_path / "locked"): "it is a folder that cannot be read (Permission denied)"
    }


def test_an_excluded_folder_is_ignored_whatever_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "in/a.png", tmp_path / "in/out/b.png", tmp_path / "in/outer/c.png")
    monkeypatch.chdir(tmp_path)
    assert [name for name, _ in walk_images(Path("in"), tmp_path / "in/out")] == ["a.png", "outer/c.png"]
    assert [name for name, _ in walk_images(Path("in/out"), Path("in"))] == ["b.png"]


def test_other_files_are_ignored(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    for name, content in {"notes": b"text", "a.bin": b"BM is no image", "b.wav": b"RIFF1234WAVE"}.items():
        (tmp_path / name).write_bytes(content)
    assert list(walk_images(tmp_path)) == [("a.png", "")]


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_suffix_is_read(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    try:
        Image.new("1" if suffix == ".pbm" else "RGB", (16, 16), 1).save(file)
    except (KeyError, ValueError, OSError):
        pytest.skip("this Pillow does not write the format")
    assert read(file).size == (16, 16)
