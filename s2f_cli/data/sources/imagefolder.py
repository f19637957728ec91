"""The source `imagefolder`: Hugging Face's layout, with a folder per split and label."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
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
        subfolders = {
            _SPLITS.get(f.name.lower(), f.name.lower()): f
            for f in sorted(self.folder.iterdir())
            if f.is_dir()
        }
        names = DiskMultimap()
        for split, folder in {"": self.folder, **subfolders}.items():
            domains = {d: _files.folder_of(folder, d) for d in DOMAINS}
            if not any(domains.values()):
                continue
            for pair in _pairing.paired({d: f for d, f in domains.items() if f}):
                if isinstance(pair, LeftOut):
                    yield pair
                    continue
                stem, files = pair
                name = f"{split}-{stem}" if stem in names else stem
                names.add(name)
                yield Item(name, files, identity=name, split=split)
        if not len(names):
            raise DataError(f"{self.folder} has no folders face/ or sketch/", self.layout)

    def split_rule(self) -> str:
        """The split folders."""
        return "imagefolder"
