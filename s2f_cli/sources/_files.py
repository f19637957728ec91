"""The files of a source, found without holding their names."""

import os
from collections.abc import Iterator
from pathlib import Path

from s2f_cli.errors import DataError
from s2f_cli.images import SUFFIXES, Domain
from s2f_cli.items import LeftOut
from s2f_cli.shelf import Shelf

FOLDERS: dict[Domain, tuple[str, ...]] = {
    "face": ("photos", "photo", "faces", "face"),
    "sketch": ("sketches", "sketch"),
}
"""The names that a data set's folder of each domain goes by, the preferred first."""


def images_below(folder: Path) -> Iterator[str | LeftOut]:
    """The images below a folder, as paths relative to it, sorted folder by folder; hidden ones are passed
    over.

    A linked file is read; a link to a folder, or to nothing, is left out: it could lead in a circle.

    Raises DataError when the folder does not exist.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}", "check the path")
    yield from _below(str(folder), "")


def _below(folder: str, inside: str) -> Iterator[str | LeftOut]:
    entries = Shelf()
    with os.scandir(folder) as found:
        for entry in found:
            if not entry.name.startswith("."):
                entries.add(entry.name, _kind(entry))
    for name, (kind,) in entries:
        if kind == "folder":
            yield from _below(f"{folder}/{name}", f"{inside}{name}/")
        elif kind == "file" and Path(name).suffix.lower() in SUFFIXES:
            yield inside + name
        elif kind.startswith("a link"):
            yield LeftOut(f"{folder}/{name}", f"{kind} is not followed")


def _kind(entry: "os.DirEntry[str]") -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    if entry.is_file():
        return "file"
    if not entry.is_symlink():
        return "something else"
    return "a link to a folder" if entry.is_dir() else "a link that leads nowhere"


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder in `parent` that holds a domain's images, by its usual names; None when there is none."""
    candidates = (parent / name for name in FOLDERS[domain])
    return next((folder for folder in candidates if folder.is_dir()), None)
