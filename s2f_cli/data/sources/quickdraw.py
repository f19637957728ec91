"""The source `quickdraw`: faces of Quick, Draw! (report A, section 1.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from PIL import Image

from s2f_cli.core import documents
from s2f_cli.core.errors import DataError
from s2f_cli.core.files import is_litter
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _files, _strokes

__all__ = ["Quickdraw"]

_SIDE = 28
_SUFFIXES = (".npy", ".ndjson")


@dataclass(frozen=True)
class Quickdraw(Source):
    """Quick, Draw! by Google: doodles of faces, about 150 000 of them; sketches only."""

    name: ClassVar[str] = "quickdraw"
    homepage: ClassVar[str] = "https://github.com/googlecreativelab/quickdraw-dataset"
    licence: ClassVar[str] = "CC BY 4.0, Google"
    layout: ClassVar[str] = (
        "Get face.npy (28×28 bitmaps, as in report A) or face.ndjson (simplified strokes, sharp at any "
        "size) from the links on its homepage. FILE is one of them, or a folder with several."
    )
    examples: ClassVar[tuple[str, ...]] = ("s2f prepare quickdraw face.ndjson --size 64 --count 10000",)

    file: Annotated[Path, Option("A .npy or .ndjson file, a folder of them, or a .zip or .tar.", "FILE")]
    size: Annotated[
        int | None,
        Option("The side of a drawing; strokes are drawn at this size.", "PIXELS", default="28 or 256"),
    ] = None
    line: Annotated[
        float, Option("Stroke width, in 256ths of the drawing; Google's bitmaps have 16.", "WIDTH")
    ] = 16.0
    white_on_black: Annotated[
        bool, Option("Keep Google's white lines on black instead of black on white.")
    ] = False

    def __post_init__(self) -> None:
        if not 0 < self.line <= 64:
            raise DataError(f"--line {self.line:g} is out of range", "use a width above 0, up to 64")

    def items(self) -> Iterator[Item | LeftOut]:
        """A sketch per drawing; a broken line is left out.

        Raises DataError if there is no such file, or an array is not n × 784 bytes.
        """
        folder = _files.root(self.file, lambda f: bool(_drawing_files(f)))
        files = _drawing_files(folder) if self.file.is_dir() else [self.file]
        files = [file for file in files if file.suffix.lower() in _SUFFIXES and file.is_file()]
        if not files:
            raise DataError(f"{self.file} is not a .npy or .ndjson file, nor a folder of them", self.layout)
        for file in files:
            yield from self._bitmaps(file) if file.suffix.lower() == ".npy" else self._drawings(file)

    def _bitmaps(self, file: Path) -> Iterator[Item]:
        for number in range(len(_array(file))):
            name = f"{file.stem}-{number:06}"
            bitmap = partial(_bitmap, file, number, not self.white_on_black)
            yield Item(name, {"sketch": bitmap}, identity=name)

    def _drawings(self, file: Path) -> Iterator[Item | LeftOut]:
        with file.open("rb") as lines:
            for number, line in enumerate(lines):
                name = f"{file.stem}-{number:06}"
                try:
                    drawing = documents.from_json(line)
                    strokes = _strokes.checked(drawing["drawing"])
                except (ValueError, KeyError, TypeError) as problem:
                    reason = str(problem) or type(problem).__name__
                    yield LeftOut(f"{file}, line {number + 1}", f"it is not a drawing: {reason}")
                    continue
                style = _strokes.StrokeStyle(self.size or 256, self.line, self.white_on_black)
                sketch = partial(_strokes.draw, strokes, style)
                yield Item(name, {"sketch": sketch}, identity=name, attributes=_attributes(drawing))


def _drawing_files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.glob("*.*") if f.suffix.lower() in _SUFFIXES and not is_litter(f.name))


def _attributes(drawing: dict[str, Any]) -> dict[str, str]:
    keys = ("word", "countrycode", "key_id")
    attributes = {
        key: str(drawing[key]).encode("utf-8", "replace").decode() for key in keys if key in drawing
    }
    if "recognized" in drawing:
        attributes["recognized"] = "yes" if drawing["recognized"] else "no"
    return attributes


@cache
def _array(file: Path) -> np.memmap:
    """The drawings of a .npy file (n, 784), memory-mapped; raises DataError if it is something else."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as problem:
        raise DataError(f"{file} is not a complete array: {problem}", "download it again") from None
    if (
        array.dtype != np.uint8
        or array.ndim != 2
        or array.shape[1] != _SIDE**2
        or not array.flags.c_contiguous
    ):
        raise DataError(f"{file} holds {array.dtype} {array.shape}, not bytes (n, 784)", "download it again")
    return array


def _bitmap(file: Path, number: int, invert: bool) -> Image.Image:
    offset = _array(file).offset + number * _SIDE**2
    levels = np.fromfile(file, np.uint8, _SIDE**2, offset=offset).reshape(_SIDE, _SIDE)
    return Image.fromarray(255 - levels if invert else levels)
