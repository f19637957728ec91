"""The source `cufs`: the CUHK Face Sketch Database (Wang and Tang, PAMI 2009)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut, Source, hash_order
from s2f_cli.data.sources import _files, _pairing, _tables

__all__ = ["Cufs"]

_STUDENT = re.compile(r"([fm])([12]?)-(\d{3})-01(?:-sz1)?", re.IGNORECASE)
_LIST = Path(__file__).parent / "_cuhk_88_100.csv"
_VERSIONS = 8
_REPORT_D = 300 / 1504


@dataclass(frozen=True)
class Cufs(Source):
    """The CUHK Face Sketch Database: photos of people, and the sketches that artists drew of them."""

    name: ClassVar[str] = "cufs"
    homepage: ClassVar[str] = "http://mmlab.ie.cuhk.edu.hk/archive/facesketch.html"
    licence: ClassVar[str] = "research only; cite Wang and Tang, PAMI 2009"
    layout: ClassVar[str] = (
        "Ask for it on its homepage; the photos of its AR and XM2VTS parts come from those databases. "
        "FOLDER holds photos/ and sketches/ (or photo/ and sketch/), or a folder for each part that "
        "does. Files are paired by equal names, and by the published names of the student part "
        "(f-005-01.jpg and f2-005-01-sz1.jpg). The student part is split 88/100 as in report E; a "
        "pairs.csv with the columns name,split, or a train.txt and a test.txt (268/338 in most papers), "
        "in FOLDER goes first."
    )

    folder: Annotated[Path, "The folder of the data set, or a .zip or .tar of it."]
    protocol: Annotated[
        Literal["published", "report-d", "report-d-honest"],
        "published: the list that there is. report-d: 8 versions of each pair, then split 80:20, so that "
        "people stand on both sides. report-d-honest: split by person first.",
    ] = "published"
    seed: Annotated[int, "The seed of everything random."] = 0

    def items(self) -> Iterator[Item | LeftOut]:
        """The pairs, in the splits of the protocol.

        Raises DataError when the folder holds no photos or no sketches, or a list cannot be read.
        """
        if self.protocol == "published":
            yield from self._published()
        else:
            yield from self._augmented()

    def split_rule(self) -> str:
        """The list that splits the pairs: report E's 88/100, the folder's own, or how report D split."""
        if self.protocol == "report-d":
            return f"report-d: 8 versions of each pair, split by picture (leaks people), seed {self.seed}"
        if self.protocol == "report-d-honest":
            return f"report-d-honest: split by person, then 8 versions of each pair, seed {self.seed}"
        splits = list(self._lists()[0].values())
        own = self._own_list()
        return f"{'cufs' if own else 'cuhk'}-{splits.count('train')}-{splits.count('test')}"

    def leaks(self) -> bool:
        """Report D's split does."""
        return self.protocol == "report-d"

    def _published(self) -> Iterator[Item | LeftOut]:
        splits, left_out = self._lists()
        yield from left_out
        for part, folder in self._parts().items():
            domains = {d: _files.folder_of(folder, d) for d in images.DOMAINS}
            for found in _pairing.paired({d: f for d, f in domains.items() if f}, pair_name):
                if isinstance(found, LeftOut):
                    yield found
                    continue
                name = f"{part}-{found[0]}" if part else found[0]
                split = splits.get(name, splits.get(found[0], ""))
                yield Item(name, found[1], identity=name, split=split, attributes=_sex(found[0]), part=part)

    def _augmented(self) -> Iterator[Item | LeftOut]:
        """Report D, section IV-A: 1 504 versions of 188 pairs, 300 of them for testing."""
        found = list(self._published())
        yield from (one for one in found if isinstance(one, LeftOut))
        pairs = [one for one in found if isinstance(one, Item)]
        versions = [
            (pair, f"{pair.name}-v{version}", version) for pair in pairs for version in range(_VERSIONS)
        ]
        whole = self.protocol == "report-d-honest"
        units = [pair.name for pair in pairs] if whole else [name for _, name, _ in versions]
        tested = set(hash_order(units, self.seed, "report-d")[: round(_REPORT_D * len(units))])
        for pair, name, version in versions:
            split = "test" if (pair.name if whole else name) in tested else "train"
            turned = {
                d: partial(_turned, p, version) for d, p in pair.pictures.items() if isinstance(p, Path)
            }
            identity = pair.name if whole else name
            yield replace(pair, name=name, pictures=turned, identity=identity, split=split)

    def _parts(self) -> dict[str, Path]:
        """The folders that hold photos and sketches, by part; one without a name if there are no parts."""
        candidates = {"": self.folder}
        if self.folder.is_dir() and not _files.folder_of(self.folder, "face"):
            candidates = {folder.name: folder for folder in sorted(self.folder.iterdir()) if folder.is_dir()}
        whole = {
            name: folder
            for name, folder in candidates.items()
            if all(_files.folder_of(folder, domain) for domain in images.DOMAINS)
        }
        if not whole:
            raise DataError(f"{self.folder} has no folders of photos and sketches", self.layout)
        return whole

    def _own_list(self) -> list[Path]:
        texts = [self.folder / "train.txt", self.folder / "test.txt"]
        return texts if all(file.is_file() for file in texts) else []

    def _lists(self) -> tuple[dict[str, str], list[LeftOut]]:
        splits: dict[str, str] = {}
        left_out = []
        for table in self._own_list():
            for line in _tables.lines(table):
                splits[self._listed(line)] = table.stem
        if not splits:
            own = self.folder / "pairs.csv"
            for row in _tables.rows(own if own.is_file() else _LIST, ("name", "split")):
                if isinstance(row, LeftOut):
                    left_out.append(row)
                else:
                    splits[row["name"]] = row["split"]
        return splits, left_out

    def _listed(self, line: str) -> str:
        """The name of a pair from a line of a list, which may be a path with its part's folder in it."""
        folders = {folder.casefold(): folder for folder in self._parts() if folder}
        part = next((folders[p.casefold()] for p in Path(line).parts if p.casefold() in folders), "")
        return f"{part}-{pair_name(line)}" if part else pair_name(line)


def pair_name(file: str) -> str:
    """The name of a pair from its photo's or its sketch's file: `f2-005-01-sz1.jpg` is `f-005-01`.

    The training sketches of the student part carry a 2 where their photos carry nothing, and sketches end
    in -sz1. Other names stand for themselves.
    """
    stem = _pairing.stem(file)
    match = _STUDENT.fullmatch(stem)
    if match is None:
        return stem.removesuffix("-sz1")
    sex, group, number = match.groups()
    return f"{sex.lower()}{group.replace('2', '')}-{number}-01"


def _sex(name: str) -> dict[str, str]:
    match = _STUDENT.fullmatch(name)
    return {"sex": {"f": "female", "m": "male"}[match[1]]} if match else {}


def _turned(file: Path, version: int) -> Image.Image:
    """One of the eight flips and quarter-turns of an image (reports C and D)."""
    image = images.read(file)
    if version >= _VERSIONS // 2:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turns = [None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
    turn = turns[version % len(turns)]
    return image if turn is None else image.transpose(turn)
