"""The source `cufs`: the CUHK Face Sketch Database (Wang and Tang, PAMI 2009)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from PIL import Image

from s2f_cli.core import images, orientations
from s2f_cli.core.errors import DataError
from s2f_cli.core.image_folder import walk_images
from s2f_cli.core.names import composed, loose
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source, hash_order
from s2f_cli.data.sources import _files, _pairing, _tables
from s2f_cli.models.domains import DOMAINS

__all__ = ["Cufs"]

_STUDENT = re.compile(r"([fm])([12]?)-(\d{3})-01(?:-sz1)?", re.IGNORECASE)
_STYLES = ("cuhk", "ar", "xm2vts")
_LIST = Path(__file__).parent / "_cuhk_88_100.csv"
_REPORT_D_TEST_SHARE = 300 / 1504


@dataclass(frozen=True)
class Cufs(Source):
    """The CUHK Face Sketch Database: photos of people, and sketches of them drawn by artists."""

    name: ClassVar[str] = "cufs"
    homepage: ClassVar[str] = "http://mmlab.ie.cuhk.edu.hk/archive/facesketch.html"
    licence: ClassVar[str] = "research only; cite Wang and Tang, PAMI 2009"
    layout: ClassVar[str] = (
        "Request it on its homepage; the photos of its AR and XM2VTS parts come from those databases. "
        "FOLDER holds photos/ and sketches/ (or photo/ and sketch/), or a folder per part that holds "
        "them. Files are paired by equal names, and by the published names of the student part "
        "(f-005-01.jpg and f2-005-01-sz1.jpg). The student part is split 88/100 as in report E. A "
        "pairs.csv with the columns name,split, or a train.txt and a test.txt (268/338 in most papers), "
        "in FOLDER takes precedence. The attribute style is the part: cuhk, ar or xm2vts."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "s2f prepare cufs CUFS --align cufs",
        "s2f prepare cufs CUFS --protocol report-d --output report-d",
    )

    folder: Annotated[Path, Option("The folder of the data set, or a .zip or .tar of it.", "FOLDER")]
    protocol: Annotated[
        Literal["published", "report-d", "report-d-honest"],
        Option(
            "published: by list. report-d: 8 versions of each pair, split 80:20, so that people are in both "
            "splits. report-d-honest: the same, split by person.",
            "PROTOCOL",
        ),
    ] = "published"
    seed: Annotated[int, Option("Seed of all random choices.", "SEED")] = 0

    def items(self) -> Iterator[Item | LeftOut]:
        """The pairs, split as the protocol says.

        Raises DataError if the folder holds no photos or no sketches, or a list cannot be read.
        """
        if self.protocol == "published":
            yield from self._published()
        else:
            yield from self._augmented()

    def split_rule(self) -> str:
        """The list that splits the pairs: report E's 88/100 or the folder's own; or report D's split."""
        if self.protocol == "report-d":
            return f"report-d: 8 versions of each pair, split by picture (leaks people), seed {self.seed}"
        if self.protocol == "report-d-honest":
            return f"report-d-honest: split by person, then 8 versions of each pair, seed {self.seed}"
        splits = list(self._lists()[0].values())
        prefix = "cufs" if self._text_lists() else "cuhk"
        return f"{prefix}-{splits.count('train')}-{splits.count('test')}"

    def leaks(self) -> bool:
        """Whether the protocol is report D's."""
        return self.protocol == "report-d"

    def _published(self) -> Iterator[Item | LeftOut]:
        splits, left_out = self._lists()
        yield from left_out
        parts = self._parts()
        for folder in _files.subfolders(self._root()) if "" not in parts else ():
            if folder.name not in parts and any(not reason for _, reason in walk_images(folder)):
                yield LeftOut(str(folder), "it has no two folders photos/ and sketches/")
        for part, folder in parts.items():
            domains = {d: _files.folder_of(folder, d) for d in DOMAINS}
            for match in _pairing.paired({d: f for d, f in domains.items() if f}, pair_name):
                if isinstance(match, LeftOut):
                    yield match
                    continue
                key = match.name
                name = composed(f"{part}-{key}" if part else key)
                split = splits.get(name, splits.get(key, ""))
                yield Item(
                    name,
                    match.files,
                    identity=name,
                    split=split,
                    attributes=_sex(key) | _style(part, key),
                    part=part,
                    note=match.note,
                )

    def _augmented(self) -> Iterator[Item | LeftOut]:
        """Report D, section IV-A: 1 504 versions of 188 pairs, 300 of them for testing."""
        published = list(self._published())
        yield from (item for item in published if isinstance(item, LeftOut))
        pairs = [item for item in published if isinstance(item, Item)]
        versions = [
            (pair, f"{pair.name}-v{number}", number) for pair in pairs for number in range(orientations.COUNT)
        ]
        by_person = self.protocol == "report-d-honest"
        units = [pair.name for pair in pairs] if by_person else [name for _, name, _ in versions]
        tested = set(hash_order(units, self.seed, "report-d")[: round(_REPORT_D_TEST_SHARE * len(units))])
        for pair, name, number in versions:
            identity = pair.name if by_person else name
            split = "test" if identity in tested else "train"
            turned = {
                domain: partial(_turned, file, number)
                for domain, file in pair.images.items()
                if isinstance(file, Path)
            }
            yield replace(pair, name=name, images=turned, identity=identity, split=split)

    def _parts(self) -> dict[str, Path]:
        """The folders with photos and sketches, by part; a single one named "" if there are no parts."""
        root = self._root()
        candidates = {"": root}
        if not _files.folder_of(root, "face"):
            candidates = {folder.name: folder for folder in _files.subfolders(root)}
        complete = {name: folder for name, folder in candidates.items() if _is_part(folder)}
        if not complete:
            raise DataError(f"{self.folder} has no folders of photos and sketches", self.layout)
        return complete

    def _root(self) -> Path:
        """The folder of the parts and the lists: `folder`, or a single folder in it, as archives have."""
        return _files.root(self.folder, lambda f: _is_part(f) or any(map(_is_part, _files.subfolders(f))))

    def _text_lists(self) -> list[Path]:
        texts = [self._listed("train.txt"), self._listed("test.txt")]
        return texts if all(file.is_file() for file in texts) else []

    def _listed(self, name: str) -> Path:
        """A list in the folder of the parts, or beside the images if there is one part."""
        parts = list(self._parts().values())
        beside = [parts[0] / name] if len(parts) == 1 else []
        return next((file for file in beside if file.is_file()), self._root() / name)

    def _lists(self) -> tuple[dict[str, str], list[LeftOut]]:
        """The split of each listed pair, and the malformed rows of the list."""
        splits: dict[str, str] = {}
        left_out = []
        for table in self._text_lists():
            for line in _tables.lines(table):
                splits[self._listed_name(line)] = table.stem
        if not splits:
            own = self._listed("pairs.csv")
            for row in _tables.rows(own if own.is_file() else _LIST, ("name", "split")):
                if isinstance(row, LeftOut):
                    left_out.append(row)
                else:
                    splits[composed(row["name"])] = row["split"]
        return splits, left_out

    def _listed_name(self, line: str) -> str:
        """The name of a pair on a line of a list; the line may be a path through the folder of its part."""
        folders = {loose(folder): folder for folder in self._parts() if folder}
        above = Path(line.replace("\\", "/")).parts
        part = next((folders[loose(p)] for p in above if loose(p) in folders), "")
        return composed(f"{part}-{pair_name(line)}" if part else pair_name(line))


def pair_name(file: str) -> str:
    """The name of a pair from its photo's or its sketch's file: `f2-005-01-sz1.jpg` is `f-005-01`.

    Training sketches of the student part have a 2 where their photos have nothing, and sketches end in
    -sz1. Other names stay as they are.
    """
    stem = _pairing.stem(file)
    match = _STUDENT.fullmatch(stem)
    if match is None:
        return stem.removesuffix("-sz1")
    sex, group, number = match.groups()
    return f"{sex.lower()}{group.replace('2', '')}-{number}-01"


def _is_part(folder: Path) -> bool:
    return all(_files.folder_of(folder, domain) for domain in DOMAINS)


def _sex(name: str) -> dict[str, str]:
    match = _STUDENT.fullmatch(name)
    return {"sex": {"f": "female", "m": "male"}[match[1]]} if match else {}


def _style(part: str, name: str) -> dict[str, str]:
    """The attribute `style`: the part of the database, each of which was drawn in a style of its own."""
    words = re.split(r"[\W_]+", part.lower())
    named = next((style for style in _STYLES if style in words), None)
    style = named or ("cuhk" if _STUDENT.fullmatch(name) else None)
    return {"style": style} if style else {}


def _turned(file: Path, number: int) -> Image.Image:
    return orientations.turn(images.read(file), number)
