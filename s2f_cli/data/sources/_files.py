"""The images of a source, by folder."""

from collections.abc import Iterator
from pathlib import Path

from s2f_cli.core import files
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import SUFFIXES, Domain
from s2f_cli.data.source import LeftOut

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
    for name, kind in files.walk(folder):
        if kind == "file" and Path(name).suffix.lower() in SUFFIXES:
            yield name
        elif kind.startswith("a link"):
            yield LeftOut(str(folder / name), f"{kind} is not followed")


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder in `parent` that holds a domain's images, by its usual names; None when there is none."""
    candidates = (parent / name for name in FOLDERS[domain])
    return next((folder for folder in candidates if folder.is_dir()), None)
