"""Finds the image files of a source."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from s2f_cli.core import files
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import SUFFIXES
from s2f_cli.data.source import LeftOut
from s2f_cli.models.domains import Domain

FOLDERS: dict[Domain, tuple[str, ...]] = {
    "face": ("photos", "photo", "faces", "face"),
    "sketch": ("sketches", "sketch"),
}
"""The usual names of the folder for each domain, in order of preference."""


def images_below(folder: Path) -> Iterator[str | LeftOut]:
    """Yield the images below a folder, as paths relative to it, sorted within each folder.

    Hidden files are ignored. Linked files are followed; links to folders, which could form a cycle, and
    dangling links are left out.

    Raises DataError if the folder does not exist.
    """
    if not folder.is_dir():
        raise DataError(f"there is no folder {folder}", "check the path")
    for name, kind in files.walk(folder):
        if kind == "file" and Path(name).suffix.lower() in SUFFIXES:
            yield name
        elif kind.startswith("a link"):
            yield LeftOut(str(folder / name), f"{kind} is not followed")


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder in `parent` with one of the usual names of a domain's images, or None."""
    return first_folder(parent, FOLDERS[domain])


def first_folder(parent: Path, names: Sequence[str]) -> Path | None:
    """The first folder in `parent` with one of these names, or None."""
    candidates = (parent / name for name in names)
    return next((folder for folder in candidates if folder.is_dir()), None)
