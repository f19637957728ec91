"""Pairs the files of two folders by equal keys, never by substrings."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from s2f_cli.core import names
from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.image_folder import no_images
from s2f_cli.data.source import Item, LeftOut
from s2f_cli.data.sources._files import images_below
from s2f_cli.models.domains import Domain, other


@dataclass(frozen=True)
class Match:
    """A file, or a pair of files, of one name."""

    name: str
    files: dict[Domain, Path]
    note: str = ""
    """Why a file has no partner, if there are two folders."""


def stem(file: str) -> str:
    """The name of a file without its folder and suffix: the default key."""
    return PurePosixPath(file).stem


def paired(
    folders: dict[Domain, Path], key: Callable[[str], str] = stem, *, loosely: bool = True
) -> Iterator[Match | LeftOut]:
    """Yield each key, in sorted order, with its file, or its pair of files if both folders have the key.

    Unicode forms of keys are equal. Files that have no partner then are paired by `names.loose`, which
    ignores case and words like `sketch`, unless several files could be the partner, or `loosely` is False.
    Files of one folder that share a key are all left out, because their pairing would be a guess. A folder
    inside the other is not part of it.

    Raises DataError if a folder does not exist or holds no images, or both are the same.
    """
    if len({folder.resolve() for folder in folders.values()}) < len(folders):
        raise DataError(
            f"{folders['face']} is the folder of the faces and that of the sketches",
            "name two folders; for a folder that holds both, use s2f prepare imagefolder",
        )
    by_key = DiskMultimap()
    for domain, folder in folders.items():
        count, unusable = 0, dict[str, str]()
        for file in images_below(folder, folders.get(other(domain)), domain):
            if isinstance(file, LeftOut):
                unusable[file.name] = file.reason
                yield file
            else:
                by_key.add(names.composed(key(file)), f"{domain}/{file}")
                count += 1
        if not count:
            problem = no_images(folder, unusable)
            raise DataError(problem.message, problem.hint)
    partners = _loose_partners(by_key, folders) if len(folders) > 1 and loosely else {}
    taken = set(partners.values())
    alone = _Alone(by_key, folders, partners)
    for name, paths in by_key:
        files = _by_domain(paths, folders)
        clash = next((domain for domain, of_domain in files.items() if len(of_domain) > 1), None)
        if clash is not None:
            for file in files[clash]:
                rival = next(candidate for candidate in files[clash] if candidate != file)
                reason = f"{folders[clash] / rival} has the same name, {name!r}; rename one of them"
                yield LeftOut(str(folders[clash] / file), reason)
            continue
        chosen = {domain: folders[domain] / of_domain[0] for domain, of_domain in files.items() if of_domain}
        if name in partners:
            chosen["sketch"] = folders["sketch"] / by_key.get(partners[name]).removeprefix("sketch/")
        elif name in taken and "face" not in chosen:
            continue
        yield Match(name, chosen, alone.note(name, chosen))


def _by_domain(paths: list[str], folders: dict[Domain, Path]) -> dict[Domain, list[str]]:
    return {d: [p.removeprefix(f"{d}/") for p in paths if p.startswith(f"{d}/")] for d in folders}


def _single(by_key: DiskMultimap, folders: dict[Domain, Path]) -> Iterator[tuple[Domain, str]]:
    """The keys that only one folder has, once."""
    for name, paths in by_key:
        if len(paths) == 1:
            yield next(domain for domain in folders if paths[0].startswith(f"{domain}/")), name


def _loose_partners(by_key: DiskMultimap, folders: dict[Domain, Path]) -> dict[str, str]:
    """The keys of faces without a partner, each with that of the only sketch that is loosely equal."""
    groups = defaultdict[str, dict[Domain, list[str]]](lambda: {"face": [], "sketch": []})
    for domain, name in _single(by_key, folders):
        groups[names.loose(name)][domain].append(name)
    return {g["face"][0]: g["sketch"][0] for g in groups.values() if len(g["face"]) == len(g["sketch"]) == 1}


class _Alone:
    """Explains why files have no partner."""

    def __init__(self, by_key: DiskMultimap, folders: dict[Domain, Path], partners: dict[str, str]) -> None:
        self._folders = folders
        self._names: dict[Domain, list[str]] = {"face": [], "sketch": []}
        self._files = by_key
        paired_names = {*partners, *partners.values()}
        for domain, name in _single(by_key, folders) if len(folders) > 1 else ():
            if name not in paired_names:
                self._names[domain].append(name)

    def note(self, name: str, files: dict[Domain, Path]) -> str:
        """The reason why a file has no partner; empty for a pair, and if there is only one folder."""
        if len(files) > 1 or len(self._folders) < 2:
            return ""
        domain = other(next(iter(files)))
        reason = f"no file in {self._folders[domain]} has the same name"
        nearest = names.nearest(name, self._names[domain])
        if not nearest:
            return reason
        file = self._folders[domain] / self._files.get(nearest).removeprefix(f"{domain}/")
        return f"{reason}; the nearest without a partner is {file}"


def item(match: Match) -> Item:
    """The item of a file or pair without metadata: its name is its identity."""
    return Item(match.name, match.files, identity=match.name, note=match.note)
