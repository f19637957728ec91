"""The source `cufs`: the CUHK Face Sketch Database (Wang and Tang, PAMI 2009)."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.errors import DataError
from s2f_cli.images import DOMAINS
from s2f_cli.items import Item, LeftOut
from s2f_cli.sources import _pairing

__all__ = ["Cufs"]

_STUDENT = re.compile(r"([fm])([12]?)-(\d{3})-01(?:-sz1)?", re.IGNORECASE)
_LIST = Path(__file__).parent / "_cuhk_88_100.csv"


@dataclass(frozen=True)
class Cufs:
    """The CUHK Face Sketch Database: photos of students and the sketches that an artist drew of them."""

    name: ClassVar[str] = "cufs"
    homepage: ClassVar[str] = "http://mmlab.ie.cuhk.edu.hk/archive/facesketch.html"
    licence: ClassVar[str] = "research only; cite Wang and Tang, PAMI 2009"
    layout: ClassVar[str] = (
        "Ask for it on its homepage. FOLDER holds photos/ and sketches/ (or photo/ and sketch/) with the "
        "published file names (f-005-01.jpg and f2-005-01-sz1.jpg are a pair) or with equal ones, and, if "
        "you like, a pairs.csv with the columns name,split."
    )

    folder: Annotated[Path, "The folder of the data set."]

    def items(self) -> Iterator[Item | LeftOut]:
        """The pairs, split 88/100 as in report E when every name is on that list or in pairs.csv.

        Raises DataError when the folder holds no photos or no sketches.
        """
        photos, sketches = (_pairing.folder_of(self.folder, domain) for domain in DOMAINS)
        if photos is None or sketches is None:
            raise DataError(
                f"{self.folder} lacks its folder of {'photos' if photos is None else 'sketches'}",
                "give the folder that holds photos/ and sketches/",
            )
        splits = self._splits()
        for found in _pairing.paired({"face": photos, "sketch": sketches}, student_name):
            if isinstance(found, LeftOut):
                yield found
            else:
                name, files = found
                yield Item(name, files, identity=name, split=splits.get(name, ""), attributes=_sex(name))

    def split_rule(self) -> str:
        """`cuhk-88-100`, report E's list of the student set."""
        return "cuhk-88-100"

    def _splits(self) -> dict[str, str]:
        own = self.folder / "pairs.csv"
        with (own if own.is_file() else _LIST).open(newline="", encoding="utf-8") as lines:
            return {row["name"]: row["split"] for row in csv.DictReader(lines)}


def student_name(file: Path) -> str:
    """The name of a pair of the student set from a photo's or a sketch's file: `f2-005-01-sz1` is `f-005-01`.

    The training sketches carry a 2 where their photos carry nothing. Other names stand for themselves.
    """
    match = _STUDENT.fullmatch(file.stem)
    if match is None:
        return file.stem
    sex, group, number = match.groups()
    return f"{sex.lower()}{group.replace('2', '')}-{number}-01"


def _sex(name: str) -> dict[str, str]:
    match = _STUDENT.fullmatch(name)
    return {"sex": {"f": "female", "m": "male"}[match[1]]} if match else {}
