"""The source `quickdraw`: faces of Quick, Draw! (report A, section 1.1)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.data.source import Item, LeftOut, Source
from s2f_cli.data.sources import _strokes

__all__ = ["Quickdraw"]

_SIDE = 28


@dataclass(frozen=True)
class Quickdraw(Source):
    """Quick, Draw! by Google: doodles of faces, about 150 000 of them; sketches only."""

    name: ClassVar[str] = "quickdraw"
    homepage: ClassVar[str] = "https://github.com/googlecreativelab/quickdraw-dataset"
    licence: ClassVar[str] = "CC BY 4.0, Google"
    layout: ClassVar[str] = (
        "Get face.npy (28×28 bitmaps, as report A) or face.ndjson (simplified strokes, sharp at any "
        "size) from the links on its homepage. FILE is one of them, or a folder with several."
    )

    file: Annotated[Path, "A .npy or .ndjson file, a folder of them, or a .zip or .tar."]
    size: Annotated[int | None, "The side of a drawing; strokes are drawn at it.  [default: 28 or 256]"] = (
        None
    )
    line: Annotated[
        float, "The width of strokes, in 256ths of the drawing's own size (Google's bitmaps: 16)."
    ] = 16.0
    white_on_black: Annotated[bool, "Keep Google's white lines on black; else black on white."] = False

    def __post_init__(self) -> None:
        if not 0 < self.line <= 64:
            raise DataError(f"--line {self.line:g} is out of range", "give up to 64")

    def items(self) -> Iterator[Item | LeftOut]:
        """A sketch for each drawing; a broken line is left out.

        Raises DataError when there is no such file, or an array is not n × 784 bytes.
        """
        files = sorted(self.file.glob("*.n*")) if self.file.is_dir() else [self.file]
        files = [file for file in files if file.suffix in (".npy", ".ndjson") and file.is_file()]
        if not files:
            raise DataError(f"{self.file} is no .npy or .ndjson file, and no folder of them", self.layout)
        for file in files:
            yield from self._bitmaps(file) if file.suffix == ".npy" else self._drawings(file)

    def _bitmaps(self, file: Path) -> Iterator[Item]:
        for number in range(len(_array(file))):
            name = f"{file.stem}-{number:06}"
            picture = partial(_bitmap, file, number, not self.white_on_black)
            yield Item(name, {"sketch": picture}, identity=name)

    def _drawings(self, file: Path) -> Iterator[Item | LeftOut]:
        with file.open("rb") as lines:
            for number, line in enumerate(lines):
                name = f"{file.stem}-{number:06}"
                try:
                    drawing = json.loads(line)
                    strokes = _strokes.checked(drawing["drawing"])
                except (ValueError, KeyError, TypeError) as problem:
                    reason = str(problem) or type(problem).__name__
                    yield LeftOut(f"{file}, line {number + 1}", f"it is not a drawing: {reason}")
                    continue
                look = _strokes.Look(self.size or 256, self.line, self.white_on_black)
                picture = partial(_strokes.draw, strokes, look)
                yield Item(name, {"sketch": picture}, identity=name, attributes=_attributes(drawing))


def _attributes(drawing: dict[str, Any]) -> dict[str, str]:
    keys = ("word", "countrycode", "key_id")
    found = {key: str(drawing[key]).encode("utf-8", "replace").decode() for key in keys if key in drawing}
    if "recognized" in drawing:
        found["recognized"] = "yes" if drawing["recognized"] else "no"
    return found


@cache
def _array(file: Path) -> np.memmap:
    """The drawings of a .npy file (n, 784), none of which is read yet; raises DataError."""
    try:
        found = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as problem:
        raise DataError(f"{file} is not a whole array: {problem}", "get it again") from None
    if (
        found.dtype != np.uint8
        or found.ndim != 2
        or found.shape[1] != _SIDE**2
        or not found.flags.c_contiguous
    ):
        raise DataError(f"{file} holds {found.dtype} {found.shape}, not bytes (n, 784)", "get it again")
    return found


def _bitmap(file: Path, number: int, invert: bool) -> Image.Image:
    place = _array(file).offset + number * _SIDE**2
    levels = np.fromfile(file, np.uint8, _SIDE**2, offset=place).reshape(_SIDE, _SIDE)
    return Image.fromarray(255 - levels if invert else levels)
