"""Files of two folders become pairs: by equal keys, never by substrings."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import SUFFIXES, Domain
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources._files import images_below


def stem(file: str) -> str:
    """The name of a file without its suffix: the default key."""
    return PurePosixPath(file).stem


def paired(
    folders: dict[Domain, Path], key: Callable[[str], str] = stem
) -> Iterator[tuple[str, dict[Domain, Path]] | LeftOut]:
    """The files below the folders by key, sorted: one, or a pair when both folders have the key.

    Files of one folder that share a key are all left out: which of them was meant is not ours to guess.

    Raises DataError when a folder does not exist or holds no images.
    """
    found = DiskMultimap()
    for domain, folder in folders.items():
        count = 0
        for file in images_below(folder):
            if isinstance(file, LeftOut):
                yield file
            else:
                found.add(key(file), f"{domain}/{file}")
                count += 1
        if not count:
            raise DataError(f"{folder} holds no images", f"s2f reads {', '.join(sorted(SUFFIXES))}")
    for name, places in found:
        files = {d: [p.removeprefix(f"{d}/") for p in places if p.startswith(f"{d}/")] for d in folders}
        clash = next((domain for domain, several in files.items() if len(several) > 1), None)
        if clash is None:
            yield name, {domain: folders[domain] / several[0] for domain, several in files.items() if several}
            continue
        for file in files[clash]:
            rival = next(other for other in files[clash] if other != file)
            reason = f"{folders[clash] / rival} has the same name, {name!r}; rename one of them"
            yield LeftOut(str(folders[clash] / file), reason)


def item(name: str, files: dict[Domain, Path]) -> Item:
    """The item of a file or pair of which nothing else is known: its name is its identity."""
    return Item(name, files, identity=name)
