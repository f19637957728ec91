"""Pairs the files of two folders by equal keys, never by substrings."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import SUFFIXES
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources._files import images_below
from s2f_cli.models.domains import Domain


def stem(file: str) -> str:
    """The name of a file without its folder and suffix: the default key."""
    return PurePosixPath(file).stem


def paired(
    folders: dict[Domain, Path], key: Callable[[str], str] = stem
) -> Iterator[tuple[str, dict[Domain, Path]] | LeftOut]:
    """Yield each key, in sorted order, with its file, or its pair of files if both folders have the key.

    Files of one folder that share a key are all left out, because their pairing would be a guess.

    Raises DataError if a folder does not exist or holds no images.
    """
    by_key = DiskMultimap()
    for domain, folder in folders.items():
        count = 0
        for file in images_below(folder):
            if isinstance(file, LeftOut):
                yield file
            else:
                by_key.add(key(file), f"{domain}/{file}")
                count += 1
        if not count:
            raise DataError(f"{folder} holds no images", f"s2f reads {', '.join(sorted(SUFFIXES))}")
    for name, paths in by_key:
        files = {d: [p.removeprefix(f"{d}/") for p in paths if p.startswith(f"{d}/")] for d in folders}
        clash = next((domain for domain, names in files.items() if len(names) > 1), None)
        if clash is None:
            yield name, {domain: folders[domain] / names[0] for domain, names in files.items() if names}
            continue
        for file in files[clash]:
            rival = next(other for other in files[clash] if other != file)
            reason = f"{folders[clash] / rival} has the same name, {name!r}; rename one of them"
            yield LeftOut(str(folders[clash] / file), reason)


def item(name: str, files: dict[Domain, Path]) -> Item:
    """The item of a file or pair without metadata: its name is its identity."""
    return Item(name, files, identity=name)
