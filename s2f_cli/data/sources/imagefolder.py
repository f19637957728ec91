"""The source `imagefolder`: Hugging Face's layout, with a folder per split and label."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.image_folder import walk_images
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _files, _pairing
from s2f_cli.models.domains import DOMAINS

__all__ = ["Imagefolder"]

_SPLITS = {
    "training": "train",
    "validation": "val",
    "valid": "val",
    "dev": "val",
    "testing": "test",
    "eval": "test",
}


@dataclass(frozen=True)
class Imagefolder(Source):
    """A folder in the layout of Hugging Face's imagefolder: split/face/… and split/sketch/…."""

    name: ClassVar[str] = "imagefolder"
    licence: ClassVar[str] = "as the data set's owner says"
    layout: ClassVar[str] = (
        "FOLDER/train/face/a.png and FOLDER/train/sketch/a.png are a pair; photos/ and sketches/ work "
        "too. Without split folders the split is random. Every set that s2f prepares has this layout."
    )
    examples: ClassVar[tuple[str, ...]] = ("s2f prepare imagefolder other-set --size 128",)

    folder: Annotated[Path, Option("The folder of the data set, or a .zip or .tar of it.", "FOLDER")]

    def items(self) -> Iterator[Item | LeftOut]:
        """The pairs of each split, by equal file names; a name that recurs is prefixed with its split.

        Raises DataError if there is no folder of faces or sketches.
        """
        if not self.folder.is_dir():
            raise DataError(f"there is no folder {self.folder}", "check the path")
        root = _files.root(self.folder, _has_images)
        splits = [("", root)]
        splits += [(_SPLITS.get(f.name.casefold(), _split_name(f.name)), f) for f in _files.subfolders(root)]
        names = DiskMultimap()
        for split, folder in splits:
            domains = {d: _files.folder_of(folder, d) for d in DOMAINS}
            yield from _unused(folder, {f for f in domains.values() if f}, is_root=not split)
            if not any(domains.values()):
                continue
            for match in _pairing.paired({d: f for d, f in domains.items() if f}):
                if isinstance(match, LeftOut):
                    yield match
                    continue
                name = f"{split}-{match.name}" if match.name in names else match.name
                names.add(name)
                yield Item(name, match.files, identity=name, split=split, note=match.note)
        if not len(names):
            raise DataError(f"{self.folder} has no folders face/ or sketch/", self.layout)

    def split_rule(self) -> str:
        """The split folders."""
        return "imagefolder"


def _has_images(folder: Path) -> bool:
    """Whether a folder has folders of faces or sketches, or split folders that have them."""
    candidates = [folder]
    candidates += [f for f in _files.subfolders(folder) if f.name.casefold() in {*_SPLITS, *_SPLITS.values()}]
    return any(_files.folder_of(candidate, domain) for candidate in candidates for domain in DOMAINS)


def _split_name(folder: str) -> str:
    """The name of a folder as that of a split: small letters, digits and hyphens, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "-", folder.casefold()).strip("-")
    return name if name[:1].isalpha() else f"split-{name}".rstrip("-")


def _unused(folder: Path, used: set[Path], *, is_root: bool) -> Iterator[LeftOut]:
    """The folders beside those of faces and sketches that hold images and are no split."""
    for below in _files.subfolders(folder):
        is_split = is_root and any(_files.folder_of(below, domain) for domain in DOMAINS)
        if below not in used and not is_split and any(not reason for _, reason in walk_images(below)):
            yield LeftOut(str(below), "it is neither a split nor a folder face/ or sketch/")
