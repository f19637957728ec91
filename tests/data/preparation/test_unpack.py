"""Archives given as options of a source."""

import os
import shutil
from pathlib import Path

from PIL import Image

from s2f_cli.data.preparation.unpack import unpack_archives
from s2f_cli.data.sources.folders import Folders


def archive(folder: Path, *names: str) -> Path:
    images = folder / "images"
    shutil.rmtree(images, ignore_errors=True)
    images.mkdir()
    for name in names:
        Image.new("L", (8, 8)).save(images / name)
    return Path(shutil.make_archive(str(folder / "faces"), "zip", images))


def test_an_archive_is_replaced_by_a_folder_and_a_folder_is_kept(tmp_path: Path) -> None:
    source = Folders(archive(tmp_path, "a.png"), tmp_path / "images")
    unpacked, refused = unpack_archives(source, tmp_path / "unpacked")
    assert unpacked == Folders(tmp_path / "unpacked" / "faces", tmp_path / "images")
    assert [file.name for file in (tmp_path / "unpacked" / "faces").iterdir()] == ["a.png"]
    assert refused == {}


def test_an_archive_is_unpacked_again_only_if_it_changed(tmp_path: Path) -> None:
    faces = archive(tmp_path, "a.png")
    unpack_archives(Folders(faces), tmp_path / "unpacked")
    extra = tmp_path / "unpacked" / "faces" / "extra.png"
    extra.touch()
    unpack_archives(Folders(faces), tmp_path / "unpacked")
    assert extra.exists()
    (tmp_path / "unpacked" / "faces.json").write_text('{"vers')
    unpack_archives(Folders(faces), tmp_path / "unpacked")
    assert not extra.exists()
    archive(tmp_path, "a.png", "b.png")
    os.utime(faces, ns=(1, 1))
    unpack_archives(Folders(faces), tmp_path / "unpacked")
    assert sorted(file.name for file in extra.parent.iterdir()) == ["a.png", "b.png"]
