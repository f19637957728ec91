"""The source `fs2k`: Facial Sketch Synthesis (Fan et al., Machine Intelligence Research 2022)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from s2f_cli.core import documents
from s2f_cli.core.errors import DataError, reason_of
from s2f_cli.core.formats import SUFFIXES
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _files
from s2f_cli.models.domains import Domain

__all__ = ["Fs2k"]

_SUFFIXES = (".jpg", ".png", ".JPG", ".PNG", ".jpeg", ".JPEG", *sorted(SUFFIXES))
_YES_FIRST = {"hair": "hair", "earring": "earring", "smile": "smiling", "frontal_face": "frontal"}
_HAIR = ["brown", "black", "red", "none", "golden"]


@dataclass(frozen=True)
class Fs2k(Source):
    """FS2K: 2 104 pairs in three styles, drawn by artists, with attributes, split 1 058/1 046."""

    name: ClassVar[str] = "fs2k"
    homepage: ClassVar[str] = "https://github.com/DengPingFan/FS2K"
    licence: ClassVar[str] = "research; cite Fan et al., Machine Intelligence Research 2022"
    layout: ClassVar[str] = (
        "Get it from the links on its homepage. FOLDER holds photo/photo1…3/, sketch/sketch1…3/, "
        "anno_train.json and anno_test.json. Attributes: smiling, earring, hair, frontal (yes or no), "
        "gender, hair_color, style (1 to 3)."
    )
    examples: ClassVar[tuple[str, ...]] = ("s2f prepare fs2k FS2K --size 256 --where smiling=yes",)

    folder: Annotated[Path, Option("The folder of the data set, or a .zip or .tar of it.", "FOLDER")]

    def items(self) -> Iterator[Item | LeftOut]:
        """The pairs in the two annotation files, each of which is a split.

        Raises DataError if there is no annotation file, or one is not a JSON list.
        """
        folder = _files.root(self.folder, lambda f: (f / "photo").is_dir())
        tables = {split: folder / f"anno_{split}.json" for split in ("train", "test")}
        if not any(table.is_file() for table in tables.values()):
            raise DataError(f"{folder} has neither anno_train.json nor anno_test.json", self.layout)
        for split, table in tables.items():
            for number, row in enumerate(_read(table) if table.is_file() else []):
                yield _item(folder, split, row) or LeftOut(
                    f"{table}, entry {number}", "its photo or sketch is missing"
                )

    def split_rule(self) -> str:
        """The published annotation files."""
        return "fs2k-1058-1046"


def _read(table: Path) -> list[Any]:
    try:
        rows = documents.from_json(table.read_bytes())
    except (OSError, ValueError) as problem:
        raise DataError(f"{table} cannot be read: {reason_of(problem)}", "download it again") from None
    if not isinstance(rows, list):
        raise DataError(f"{table} is not a list of images", "download it again")
    return rows


def _item(folder: Path, split: str, row: Any) -> Item | None:
    """The pair of an annotation; None if its photo or sketch is missing.

    The sketch of photo/photo1/image0110 is sketch/sketch1/sketch0110 (the authors' split_train_test.py).
    """
    photo = row.get("image_name") if isinstance(row, dict) else None
    if not isinstance(photo, str) or ".." in Path(photo).parts or Path(photo).is_absolute():
        return None
    sketch = photo.replace("image", "sketch").replace("photo", "sketch")
    bases: dict[Domain, Path] = {"face": folder / "photo" / photo, "sketch": folder / "sketch" / sketch}
    images = {d: f for d, base in bases.items() if (f := _existing(base)) is not None}
    if len(images) < len(bases):
        return None
    name = photo.replace("/image", "-").replace("/", "-")
    return Item(name, images, identity=name, split=split, attributes=_attributes(row))


def _existing(base: Path) -> Path | None:
    candidates = (base.with_name(base.name + suffix) for suffix in _SUFFIXES)
    try:
        return next((file for file in candidates if file.is_file()), None)
    except OSError:  # such as a name that is too long
        return None


def _attributes(row: dict[str, Any]) -> dict[str, str]:
    """The attributes in words; in the table, 0 means yes, and male."""
    attributes = {name: "yes" if row[key] == 0 else "no" for key, name in _YES_FIRST.items() if key in row}
    if "gender" in row:
        attributes["gender"] = "male" if row["gender"] == 0 else "female"
    if isinstance(row.get("hair_color"), int) and 0 <= row["hair_color"] < len(_HAIR):
        attributes["hair_color"] = _HAIR[row["hair_color"]]
    if isinstance(row.get("style"), int):
        attributes["style"] = str(row["style"] + 1)
    return attributes
