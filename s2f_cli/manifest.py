"""A prepared data set: a folder of images and one `manifest.jsonl` that says what they are.

    data/
      manifest.jsonl          first line the Header, then one Entry a line
      train/face/NAME.png     every image at SPLIT/DOMAIN/NAME.*: Hugging Face's `imagefolder` layout
      train/sketch/NAME.png
      test/…

An entry is one person's picture, or a pair of them: a face, a sketch, or both.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from s2f_cli.errors import DataError
from s2f_cli.files import whole_file
from s2f_cli.images import Domain

FILE = "manifest.jsonl"
FORMAT = 1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Strict):
    """What a data set is: where it came from, under which terms, and how it was made."""

    format: int = FORMAT
    source: str
    """The name of the source it was prepared from (`cufs`, `demo` …)."""
    homepage: str = ""
    licence: str = ""
    command: str = ""
    """The command that made it."""
    split: str = ""
    """The rule that split it: the name of a published list, or the seed and share of a random one."""
    left_out: dict[str, str] = {}
    """Files that were left out, each with the reason."""
    duplicates: dict[str, str] = {}
    """Items that are equal to another one or nearly so, and what was done about each."""
    selection: list[str] = []
    """What each filter kept, a line each."""
    parts: dict[str, dict[str, int]] = {}
    """The numbers of faces, sketches, pairs and people from each part of a data set that has several."""


class Alignment(_Strict):
    """How a picture was cut out of its original; all points are in pixels of the original."""

    confidence: float | None
    """The detector's score; None for eyes given by hand."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom of the face."""
    left_corner: tuple[float, float]
    right_corner: tuple[float, float]
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    nose: tuple[float, float] | None = None
    matrix: tuple[float, float, float, float, float, float]
    """From the original to the picture; see `s2f_cli.alignment.Transform`."""
    width: int
    height: int


class Entry(_Strict):
    """One face, one sketch, or a pair of them."""

    name: Annotated[str, Field(min_length=1)]
    """Unique in the data set."""
    split: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    identity: str
    """The person; no identity stands on both sides of a split."""
    files: dict[Domain, str]
    """The image of each domain, relative to the data set's folder, with forward slashes."""
    sha256: dict[Domain, str]
    """The hash of each file's bytes."""
    attributes: dict[str, str] = {}
    """Anything else that is known (sex, smiling, style …)."""
    alignment: dict[Domain, Alignment] = {}
    """Of the pictures that were aligned when the data set was prepared."""

    @model_validator(mode="after")
    def _files_stay_inside(self) -> "Entry":
        for file in self.files.values():
            path = PurePosixPath(file)
            if path.is_absolute() or ".." in path.parts or "\\" in file:
                raise ValueError(f"the path {file!r} leaves the data set")
        if not self.files or set(self.files) != set(self.sha256):
            raise ValueError(f"the entry {self.name!r} needs a file, and a hash for each file")
        return self


def line(entry: Entry) -> str:
    """An entry as its line of a manifest, without the line's end."""
    return entry.model_dump_json(exclude_defaults=True)


def write_lines(folder: Path, header: Header, lines: Iterable[str]) -> None:
    """Write the manifest of `folder`, whole or not at all, from lines sorted by split and name."""
    with whole_file(folder / FILE) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(header.model_dump_json() + "\n")
        file.writelines(f"{entry}\n" for entry in lines)


class Manifest:
    """A data set on disk: `folder`, `header` and `entries`."""

    def __init__(self, folder: Path, header: Header, entries: Iterable[Entry]) -> None:
        self.folder = folder
        self.header = header
        self.entries = sorted(entries, key=lambda e: (e.split, e.name))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a prepared data set.

        Raises DataError when the folder or its manifest is missing, or a line of it is broken.
        """
        file = folder / FILE
        if not file.is_file():
            raise DataError(
                f"there is no prepared data set in {folder}",
                "make one with `s2f prepare demo`, `s2f prepare cufs FOLDER` or "
                "`s2f prepare folders --faces DIR --sketches DIR`",
            )
        lines = file.read_bytes().split(b"\n")
        number = 1
        try:
            header = Header.model_validate_json(lines[0])
            entries = []
            for number, text in enumerate(lines[1:], start=2):  # noqa: B007
                if text:
                    entries.append(Entry.model_validate_json(text))
        except ValidationError as problem:
            raise DataError(
                f"{file}, line {number}, is not an entry of a manifest: {problem.errors()[0]['msg']}",
                "prepare the data set again",
            ) from None
        if header.format != FORMAT:
            raise DataError(f"{file} has format {header.format}, not {FORMAT}", "prepare the data set again")
        return cls(folder, header, entries)

    def write(self) -> None:
        """Write `manifest.jsonl` whole or not at all."""
        write_lines(self.folder, self.header, (line(entry) for entry in self.entries))

    def splits(self) -> list[str]:
        """The names of the splits, sorted."""
        return sorted({e.split for e in self.entries})

    def pairs(self, split: str) -> list[Entry]:
        """The entries of a split that have both a face and a sketch; may be empty."""
        return [e for e in self.entries if e.split == split and len(e.files) == 2]

    def having(self, split: str, domain: Domain) -> list[Entry]:
        """The entries of a split that have an image of a domain; may be empty."""
        return [e for e in self.entries if e.split == split and domain in e.files]

    def path(self, entry: Entry, domain: Domain) -> Path:
        """The file of an entry's image."""
        return self.folder / entry.files[domain]

    def digest(self) -> str:
        """SHA-256 over every entry's name, split and file hashes: equal for equal data, wherever it lies."""
        whole = hashlib.sha256()
        for e in self.entries:
            whole.update(f"{e.name}\0{e.split}\0{sorted(e.sha256.items())}\n".encode())
        return whole.hexdigest()
