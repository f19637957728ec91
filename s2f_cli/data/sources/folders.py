"""The source `folders`: any folder of faces, any folder of sketches, or both."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.errors import DataError
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _pairing
from s2f_cli.models.domains import Domain

__all__ = ["Folders"]


@dataclass(frozen=True)
class Folders(Source):
    """Your own faces and sketches, paired by equal file names."""

    name: ClassVar[str] = "folders"
    homepage: ClassVar[str] = ""
    licence: ClassVar[str] = "as the files' owner says"
    layout: ClassVar[str] = (
        "Any folders of images, with or without subfolders. faces/anna.jpg and sketches/anna.png are a pair, "
        "and so are Anna.jpg and anna_sketch.png if no other file could be meant; "
        "a face without a sketch, or a sketch without a face, is kept for unpaired training."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "s2f prepare folders --faces faces --sketches sketches --size 256",
        "s2f prepare folders --faces faces --sketcher pencil",
    )

    faces: Annotated[Path | None, Option("The folder of faces.", "FOLDER")] = None
    sketches: Annotated[Path | None, Option("The folder of sketches.", "FOLDER")] = None

    def items(self) -> Iterator[Item | LeftOut]:
        """Pairs by equal file names without suffix, or loosely equal ones; each name is a different person.

        Raises DataError if no folder is given, or if one does not exist or holds no images.
        """
        options: dict[Domain, Path | None] = {"face": self.faces, "sketch": self.sketches}
        folders = {domain: folder for domain, folder in options.items() if folder is not None}
        if not folders:
            raise DataError("no folder was given", "use --faces FOLDER, --sketches FOLDER or both")
        for pair in _pairing.paired(folders):
            yield pair if isinstance(pair, LeftOut) else _pairing.item(pair)

    def split_rule(self) -> str:
        """Empty: the split is random."""
        return ""
