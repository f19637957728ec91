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
from s2f_cli.files import write_whole
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

    @model_validator(mode="after")
    def _files_stay_inside(self) -> "Entry":
        for file in self.files.values():
            path = PurePosixPath(file)
            if path.is_absolute() or ".." in path.parts or "\\" in file:
                raise ValueError(f"the path {file!r} leaves the data set")
        if not self.files or set(self.files) != set(self.sha256):
            raise ValueError(f"the entry {self.name!r} needs a file, and a hash for each file")
        return self


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
        lines = file.read_text(encoding="utf-8").split("\n")
        number = 1
        try:
            header = Header.model_validate_json(lines[0])
            entries = []
            for number, line in enumerate(lines[1:], start=2):
                if line:
                    entries.append(Entry.model_validate_json(line))
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
        lines = [
            self.header.model_dump_json(),
            *(e.model_dump_json(exclude_defaults=True) for e in self.entries),
        ]
        write_whole(self.folder / FILE, "\n".join(lines) + "\n")

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
