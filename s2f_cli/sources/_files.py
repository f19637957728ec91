"""The files of a source, found without holding more than their names."""

import os
from collections.abc import Iterator
from pathlib import Path

from s2f_cli.errors import DataError
from s2f_cli.images import SUFFIXES, Domain
from s2f_cli.items import LeftOut

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
    with os.scandir(folder) as found:
        entries = sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path, f"{inside}{entry.name}/")
        elif entry.is_symlink() and not entry.is_file():
            reason = "a link to a folder" if entry.is_dir() else "a link that leads nowhere"
            yield LeftOut(entry.path, f"{reason} is not followed")
        elif Path(entry.name).suffix.lower() in SUFFIXES and entry.is_file():
            yield inside + entry.name


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder in `parent` that holds a domain's images, by its usual names; None when there is none."""
    candidates = (parent / name for name in FOLDERS[domain])
    return next((folder for folder in candidates if folder.is_dir()), None)
