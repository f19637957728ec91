"""The source `folders`: any folder of faces, any folder of sketches, or both."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Domain
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _pairing

__all__ = ["Folders"]


@dataclass(frozen=True)
class Folders(Source):
    """Your own faces and sketches; a face and a sketch with the same file name are a pair."""

    name: ClassVar[str] = "folders"
    homepage: ClassVar[str] = ""
    licence: ClassVar[str] = "as the files' owner says"
    layout: ClassVar[str] = (
        "Any folders of images, with subfolders or without. faces/anna.jpg and sketches/anna.png are a pair; "
        "a face without a sketch, or a sketch without a face, is kept for unpaired training."
    )

    faces: Annotated[Path | None, "The folder of faces."] = None
    sketches: Annotated[Path | None, "The folder of sketches."] = None

    def items(self) -> Iterator[Item | LeftOut]:
        """Pairs by equal file names without suffix; each name is a person of its own.

        Raises DataError when no folder is given, ImageError when one does not exist or is empty.
        """
        given: dict[Domain, Path | None] = {"face": self.faces, "sketch": self.sketches}
        folders = {domain: folder for domain, folder in given.items() if folder is not None}
        if not folders:
            raise DataError("no folder was given", "give --faces DIR, --sketches DIR or both")
        for found in _pairing.paired(folders):
            yield found if isinstance(found, LeftOut) else _pairing.item(*found)

    def split_rule(self) -> str:
        """None: the split is random."""
        return ""
