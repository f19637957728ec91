"""Finds the image files of a source."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.files import is_litter
from s2f_cli.core.image_folder import check_folder, walk_images
from s2f_cli.data import manifest
from s2f_cli.data.source import LeftOut
from s2f_cli.models.domains import DOMAINS, Domain

FOLDERS: dict[Domain, tuple[str, ...]] = {
    "face": ("photos", "photo", "faces", "face"),
    "sketch": ("sketches", "sketch"),
}
"""The usual names of the folder for each domain, in order of preference."""


def images_below(
    folder: Path, exclude: Path | None = None, domain: Domain | None = None
) -> Iterator[str | LeftOut]:
    """Yield the images below a folder, as paths relative to it, sorted within each folder.

    Files are used, ignored or left out as `image_folder.walk_images` says. Prepared data sets below the
    folder are left out too, and so are subfolders with a usual name of the other domain if `domain` is given.

    Raises DataError if the folder does not exist.
    """
    try:
        check_folder(folder)
    except ImageError as problem:
        raise DataError(problem.message, problem.hint) from None
    others = [name for d in DOMAINS if domain not in (None, d) for name in FOLDERS[d]]

    def refuse(below: Path) -> str:
        if (below / manifest.FILE).is_file():
            return "it is a data set that s2f prepared, not part of this one"
        if below.name.casefold() in others:
            return (
                f"its name says that it holds no {domain}s; give it to the option of its kind, or rename it"
            )
        return ""

    for name, reason in walk_images(folder, exclude, refuse):
        yield LeftOut(str(folder / name), reason) if reason else name


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder in `parent` with one of the usual names of a domain's images, or None."""
    return first_folder(parent, FOLDERS[domain])


def first_folder(parent: Path, names: Sequence[str]) -> Path | None:
    """The first folder in `parent` with one of these names, in any case, or None."""
    below = {folder.name.casefold(): folder for folder in reversed(subfolders(parent))}
    exact = (parent / name for name in names)
    found = next((folder for folder in exact if folder.is_dir()), None)
    return found or next((below[name.casefold()] for name in names if name.casefold() in below), None)


def subfolders(parent: Path) -> list[Path]:
    """The sorted folders in `parent`, without litter; none if it is not a readable folder."""
    try:
        return sorted(f for f in parent.iterdir() if not is_litter(f.name) and f.is_dir())
    except OSError:
        return []


def root(folder: Path, is_root: Callable[[Path], bool]) -> Path:
    """The folder in which a source finds its files: `folder`, or a single folder in it, as archives have.

    Returns `folder` if none of them is the root.
    """
    current = folder
    while not is_root(current):
        inner = subfolders(current)
        if len(inner) != 1:
            return folder
        current = inner[0]
    return current
