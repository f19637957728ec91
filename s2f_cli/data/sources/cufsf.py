"""The source `cufsf`: the CUHK Face Sketch FERET Database (Zhang, Wang and Tang, CVPR 2011)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.errors import DataError
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _files, _pairing, _tables
from s2f_cli.models.domains import DOMAINS, Domain

__all__ = ["Cufsf"]

_FOLDERS: dict[Domain, tuple[str, ...]] = {
    "face": (*_files.FOLDERS["face"], "original_photo", "cropped_photo"),
    "sketch": (*_files.FOLDERS["sketch"], "original_sketch", "cropped_sketch"),
}
_LIST = "names_of_photos_used_for_drawing_sketches.txt"
_SUBJECT = re.compile(r"(\d{5})")


@dataclass(frozen=True)
class Cufsf(Source):
    """CUFSF: 1 194 exaggerated sketches of FERET photos; sketches alone where the photos are missing."""

    name: ClassVar[str] = "cufsf"
    homepage: ClassVar[str] = "http://mmlab.ie.cuhk.edu.hk/archive/cufsf/"
    licence: ClassVar[str] = (
        "research only; cite Zhang, Wang and Tang, CVPR 2011; the photos under FERET's own terms"
    )
    layout: ClassVar[str] = (
        "Get the sketches from its homepage, and the photos from NIST (FERET). FOLDER holds "
        "original_sketch/ (or sketches/, cropped_sketch/) with 00001.jpg … and, if you have them, photo/ "
        "(or photos/, original_photo/) with FERET's names, 00001fb010_930831.tif or 00001_930831_fb.ppm: "
        f"the first five digits are the person. Where a person has several photos, {_LIST} names the one "
        "that was drawn."
    )
    examples: ClassVar[tuple[str, ...]] = ("s2f prepare cufsf CUFSF --align report-b",)

    folder: Annotated[Path, Option("The folder of the data set, or a .zip or .tar of it.", "FOLDER")]

    def items(self) -> Iterator[Item | LeftOut]:
        """A pair for each person with a photo, and a sketch alone for the others.

        Raises DataError if there are no sketches, or the list of photos cannot be read.
        """
        root = _files.root(self.folder, lambda f: _files.first_folder(f, _FOLDERS["sketch"]) is not None)
        candidates = {domain: _files.first_folder(root, _FOLDERS[domain]) for domain in DOMAINS}
        folders = {domain: folder for domain, folder in candidates.items() if folder is not None}
        if "sketch" not in folders:
            raise DataError(f"{self.folder} has no folder of sketches", self.layout)
        table = root / _LIST
        drawn = {_photo(line) for line in _tables.lines(table)} if table.is_file() else set()

        def key(file: str) -> str:
            subject = _SUBJECT.match(_pairing.stem(file))
            not_drawn = subject and drawn and _is_photo(file) and _photo(file) not in drawn
            return _pairing.stem(file) if subject is None or not_drawn else subject[1]

        for match in _pairing.paired(folders, key, loosely=False):
            if isinstance(match, LeftOut):
                yield match
            elif "sketch" in match.files:
                yield _pairing.item(match)


def _is_photo(file: str) -> bool:
    return len(_pairing.stem(file)) > len("00001")


def _photo(line: str) -> tuple[str, str, str]:
    """The person, date and pose in a photo's name, as gray FERET or colour FERET writes it."""
    stem = _pairing.stem(line.strip())
    digits, letters = re.findall(r"\d+", stem), re.findall(r"[a-z]+", stem)
    pose = next((word for word in letters if word[:1] == "f"), "")
    return digits[0] if digits else "", digits[-1] if digits else "", pose
