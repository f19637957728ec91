"""The source `celeba`: Large-scale CelebFaces Attributes (Liu et al., ICCV 2015)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.names import composed
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _files, _pairing, _tables

__all__ = ["Celeba"]

_IMAGES = ("img_align_celeba/img_align_celeba", "img_align_celeba", "Img/img_align_celeba", "images")
_TABLES = ("", "Anno", "Eval")
_ATTRIBUTES = ("list_attr_celeba.txt", "list_attr_celeba.csv", "attributes.csv")
_IDENTITIES = ("identity_CelebA.txt", "identity_CelebA.csv", "identity.csv")
_PARTITION = ("list_eval_partition.txt", "list_eval_partition.csv")
_SPLITS = {"0": "train", "1": "val", "2": "test"}
_YES_NO = {"1": "yes", "-1": "no", "0": "no"}


@dataclass(frozen=True)
class Celeba(Source):
    """CelebA: 202 599 faces of 10 177 celebrities with 40 attributes; faces only."""

    name: ClassVar[str] = "celeba"
    homepage: ClassVar[str] = "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html"
    licence: ClassVar[str] = "non-commercial research; cite Liu et al., ICCV 2015"
    layout: ClassVar[str] = (
        "Get img_align_celeba.zip, and from Anno/ and Eval/ list_attr_celeba.txt, identity_CelebA.txt "
        "and list_eval_partition.txt, from its homepage. FOLDER holds img_align_celeba/ (or images/) and "
        "the tables, as .txt or as Kaggle's .csv files; missing tables are skipped. Attributes "
        "are yes or no: --where Eyeglasses=no --thin Smiling=yes:1/20."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "s2f prepare celeba CELEBA --align report-b --thin Smiling=yes:1/20",
    )

    folder: Annotated[Path, Option("The folder of the data set, or a .zip or .tar of it.", "FOLDER")]

    def items(self) -> Iterator[Item | LeftOut]:
        """A face per image, split by the official partition if its table exists.

        Raises DataError if there are no images, or a table cannot be read.
        """
        root = self._root()
        folder = next((root / name for name in _IMAGES if (root / name).is_dir()), root)
        names, signs, bad_rows = self._attributes()
        identities, bad_identities = self._column(_IDENTITIES, "identity")
        partition, bad_parts = self._column(_PARTITION, "partition")
        yield from (*bad_rows, *bad_identities, *bad_parts)
        count = 0
        for file in _files.images_below(folder):
            if isinstance(file, LeftOut):
                yield file
                continue
            count += 1
            key = composed(file.rpartition("/")[2])
            yield Item(
                name=_pairing.stem(file),
                images={"face": folder / file},
                identity=identities.get(key, _pairing.stem(file)),
                split=_SPLITS.get(partition.get(key), ""),
                attributes={
                    name: "yes" if sign == "+" else "no"
                    for name, sign in zip(names, signs.get(key), strict=False)
                },
            )
        if not count:
            raise DataError(f"{folder} holds no images", self.layout)

    def split_rule(self) -> str:
        """The official partition, if its table exists."""
        return "celeba-official" if self._table(_PARTITION) else ""

    def _root(self) -> Path:
        """The folder of the images and the tables: `folder`, or a single folder in it, as archives have."""
        tables = (*_ATTRIBUTES, *_IDENTITIES, *_PARTITION)
        return _files.root(self.folder, lambda f: _tables.first_file(f, tables, _TABLES) is not None)

    def _table(self, names: tuple[str, ...]) -> Path | None:
        return _tables.first_file(self._root(), names, _TABLES)

    def _attributes(self) -> tuple[list[str], DiskMultimap, list[LeftOut]]:
        """The names of the attributes, the sign (+ or -) of each for every image, and the bad rows."""
        table = self._table(_ATTRIBUTES)
        left_out: list[LeftOut] = []
        signs = DiskMultimap()
        names: list[str] = []
        for row in _attribute_rows(table) if table else ():
            if isinstance(row, LeftOut):
                left_out.append(row)
                continue
            file, values = row
            names = names or list(values)
            answers = [_YES_NO.get(value) for value in values.values()]
            if None in answers:
                left_out.append(LeftOut(f"{table}, {file}", "an attribute is neither 1 nor -1"))
            else:
                signs.add(composed(file), "".join("+" if answer == "yes" else "-" for answer in answers))
        return names, signs, left_out

    def _column(self, names: tuple[str, ...], column: str) -> tuple[DiskMultimap, list[LeftOut]]:
        """The values of a two-column table by image, and its bad rows; both empty without the table."""
        table = self._table(names)
        values, left_out = DiskMultimap(), list[LeftOut]()
        if table is None:
            return values, left_out
        rows = (
            _tables.rows(table, ("image_id", column)) if table.suffix == ".csv" else _tables.words(table, 2)
        )
        for row in rows:
            if isinstance(row, LeftOut):
                left_out.append(row)
            else:
                file, value = (row["image_id"], row[column]) if isinstance(row, dict) else row
                values.add(composed(file), value)
        return values, left_out


def _attribute_rows(table: Path) -> Iterator[tuple[str, dict[str, str]] | LeftOut]:
    """Yield the rows of the attribute table: the file of an image, and its attributes by name."""
    if table.suffix == ".csv":
        for row in _tables.rows(table, ("image_id",)):
            yield row if isinstance(row, LeftOut) else (row.pop("image_id"), row)
        return
    lines = _tables.lines(table)
    next(lines, "")
    names = next(lines, "").split()
    for number, line in enumerate(lines, start=3):
        file, *values = line.split()
        if len(values) == len(names):
            yield file, dict(zip(names, values, strict=True))
        else:
            yield LeftOut(f"{table}, line {number}", f"it has {len(values)} values, not {len(names)}")
