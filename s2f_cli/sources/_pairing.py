"""Files of two folders become pairs: by equal keys, never by substrings."""

from collections.abc import Callable, Iterator
from pathlib import Path

from s2f_cli.images import DOMAINS, Domain, find_images
from s2f_cli.items import Item, LeftOut

FIRST_FOLDER: dict[Domain, tuple[str, ...]] = {
    "face": ("photos", "photo", "faces", "face"),
    "sketch": ("sketches", "sketch"),
}
"""The names that a data set's folder of each domain goes by, the preferred first."""


def stem(file: Path) -> str:
    """The name of a file without its suffix: the default key."""
    return file.stem


def paired(
    folders: dict[Domain, Path], key: Callable[[Path], str] = stem
) -> Iterator[tuple[str, dict[Domain, Path]] | LeftOut]:
    """The files below the folders by key, sorted: one, or a pair when both folders have the key.

    Files of one folder that share a key are all left out: which of them was meant is not ours to guess.

    Raises ImageError when a folder does not exist or holds no images.
    """
    found: dict[str, dict[Domain, list[Path]]] = {}
    for domain in DOMAINS:
        if domain in folders:
            for file in find_images(folders[domain]):
                found.setdefault(key(file), {}).setdefault(domain, []).append(file)
    for name, files in sorted(found.items()):
        clash = next((several for several in files.values() if len(several) > 1), None)
        if clash:
            for file in clash:
                rival = next(other for other in clash if other != file)
                yield LeftOut(str(file), f"{rival} has the same name, {name!r}; rename one of them")
        else:
            yield name, {domain: several[0] for domain, several in files.items()}


def item(name: str, files: dict[Domain, Path]) -> Item:
    """The item of a file or pair of which nothing else is known: its name is its identity."""
    return Item(name, files, identity=name)


def folder_of(parent: Path, domain: Domain) -> Path | None:
    """The folder below `parent` that holds a domain's images, by its usual names; None when there is none."""
    candidates = (parent / name for name in FIRST_FOLDER[domain])
    return next((folder for folder in candidates if folder.is_dir()), None)
