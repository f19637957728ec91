"""A prepared data set: a folder of images and one `manifest.jsonl` that says what they are.

    data/
      manifest.jsonl          first line the Header, then one Entry a line
      train/face/NAME.png     every image at SPLIT/DOMAIN/NAME.*: Hugging Face's `imagefolder` layout
      train/sketch/NAME.png
      test/…

An entry is one person's picture, or a pair of them: a face, a sketch, or both.
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from s2f_cli.core.errors import DataError
from s2f_cli.core.files import atomic_file
from s2f_cli.core.images import Domain

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
    """From the original to the picture; see `s2f_cli.faces.geometry.Transform`."""
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
    with atomic_file(folder / FILE) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(header.model_dump_json() + "\n")
        file.writelines(f"{entry}\n" for entry in lines)


class _Lines(Sequence[Entry]):
    """Entries in a manifest's file, each read when it is asked for; 8 bytes are held for each.

    Raises DataError where a line is no entry.
    """

    def __init__(self, file: Path, places: "array[int]") -> None:
        self._file, self._places = file, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, number: int) -> Entry: ...
    @overload
    def __getitem__(self, number: slice) -> "_Lines": ...
    def __getitem__(self, number: int | slice) -> "Entry | _Lines":
        if isinstance(number, slice):
            return _Lines(self._file, self._places[number])
        return next(iter(self.at([number])))

    def at(self, numbers: Iterable[int]) -> "_Lines":
        """Some of them."""
        return _Lines(self._file, array("q", (self._places[number] for number in numbers)))

    def __iter__(self) -> Iterator[Entry]:
        try:
            with self._file.open("rb") as lines:
                for place in self._places:
                    lines.seek(place)
                    yield self._entry(lines.readline(), place)
        except OSError as problem:
            raise DataError(f"{self._file} cannot be read: {problem.strerror}", "prepare it again") from None

    def _entry(self, text: bytes, place: int) -> Entry:
        try:
            return Entry.model_validate_json(text)
        except ValidationError as problem:
            with self._file.open("rb") as lines:
                number = lines.read(place).count(b"\n") + 1
            raise _broken(self._file, number, problem) from None


class Manifest:
    """A data set on disk: `folder`, `header` and `entries`, which are sorted by split and name.

    Those of a file are read when they are asked for, so that memory stays flat.
    """

    def __init__(self, folder: Path, header: Header, entries: Iterable[Entry]) -> None:
        self.folder, self.header = folder, header
        self.entries: Sequence[Entry] = (
            entries if isinstance(entries, _Lines) else sorted(entries, key=_place)
        )
        if not self._index():
            self.entries = sorted(self.entries, key=_place)
            self._index()

    def _index(self) -> bool:
        """Note the kind of every entry, and the digest of all; False when they are not in order."""
        self._kinds = defaultdict[tuple[str, frozenset[Domain]], "array[int]"](lambda: array("q"))
        self._digest, last = hashlib.sha256(), ("", "")
        for number, entry in enumerate(self.entries):
            if _place(entry) < last:
                return False
            last = _place(entry)
            self._kinds[entry.split, frozenset(entry.files)].append(number)
            told = f"{entry.name}\0{entry.split}\0{sorted(entry.sha256.items())}\n"
            self._digest.update(told.encode())
        return True

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a prepared data set.

        Raises DataError when the folder or its manifest is missing, or a line of it is broken.
        """
        file = folder / FILE
        header = read_header(folder)
        places = array("q")
        with file.open("rb") as lines:
            place = len(lines.readline())
            for line in lines:
                if line.strip():
                    places.append(place)
                place += len(line)
        return cls(folder, header, _Lines(file, places))

    def write(self) -> None:
        """Write `manifest.jsonl` whole or not at all."""
        write_lines(self.folder, self.header, (line(entry) for entry in self.entries))

    def splits(self) -> list[str]:
        """The names of the splits, sorted."""
        return sorted({split for split, _ in self._kinds})

    def pairs(self, split: str) -> Sequence[Entry]:
        """The entries of a split that have both a face and a sketch; may be empty."""
        return self._where(lambda of, domains: of == split and len(domains) == 2)

    def having(self, split: str, domain: Domain) -> Sequence[Entry]:
        """The entries of a split that have an image of a domain; may be empty."""
        return self._where(lambda of, domains: of == split and domain in domains)

    def within(self, split: str) -> Sequence[Entry]:
        """All entries of a split; may be empty."""
        return self._where(lambda of, _: of == split)

    def _where(self, wanted: Callable[[str, frozenset[Domain]], bool]) -> Sequence[Entry]:
        numbers = sorted(n for kind, several in self._kinds.items() if wanted(*kind) for n in several)
        if isinstance(self.entries, _Lines):
            return self.entries.at(numbers)
        return [self.entries[number] for number in numbers]

    def path(self, entry: Entry, domain: Domain) -> Path:
        """The file of an entry's image."""
        return self.folder / entry.files[domain]

    def digest(self) -> str:
        """SHA-256 over every entry's name, split and file hashes: equal for equal data, wherever it lies."""
        return self._digest.hexdigest()


def read_header(folder: Path) -> Header:
    """The header of a prepared data set alone; raises DataError as `Manifest.read` does."""
    file = folder / FILE
    if not file.is_file():
        raise DataError(
            f"there is no prepared data set in {folder}",
            "make one with `s2f prepare demo`, `s2f prepare cufs FOLDER` or "
            "`s2f prepare folders --faces DIR --sketches DIR`",
        )
    try:
        with file.open("rb") as lines:
            header = Header.model_validate_json(lines.readline())
    except ValidationError as problem:
        raise _broken(file, 1, problem) from None
    if header.format != FORMAT:
        raise DataError(f"{file} has format {header.format}, not {FORMAT}", "prepare the data set again")
    return header


def _place(entry: Entry) -> tuple[str, str]:
    return entry.split, entry.name


def _broken(file: Path, number: int, problem: ValidationError) -> DataError:
    return DataError(
        f"{file}, line {number}, is not an entry of a manifest: {problem.errors()[0]['msg']}",
        "prepare the data set again",
    )
