"""A prepared data set: a folder of images, and a `manifest.jsonl` that describes them.

    data/
      manifest.jsonl          the Header on the first line, then one Entry per line
      train/face/NAME.png     every image at SPLIT/DOMAIN/NAME.*: Hugging Face's `imagefolder` layout
      train/sketch/NAME.png
      test/…

An entry is a face, a sketch, or a pair of both, of one person.
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, NamedTuple, overload

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from s2f_cli.core.errors import DataError, reason_of
from s2f_cli.core.files import atomic_file
from s2f_cli.models.domains import Domain

FILE = "manifest.jsonl"
FORMAT = 1


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Strict):
    """The description of a data set: its origin, licence and preparation."""

    format: int = FORMAT
    source: str
    """The name of its source (`cufs`, `demo` …)."""
    homepage: str = ""
    licence: str = ""
    command: str = ""
    """The command that prepared it."""
    split: str = ""
    """The rule of the split: the name of a published list, or the seed and share of a random split."""
    left_out: dict[str, str] = {}
    """Files that were left out, with the reason."""
    duplicates: dict[str, str] = {}
    """Items that are equal or nearly equal to another, and whether they were left out."""
    selection: list[str] = []
    """A line about each filter: how many items it kept."""
    parts: dict[str, dict[str, int]] = {}
    """The numbers of faces, sketches, pairs and people in each part of a composed data set."""

    def duplicates_left_out(self, *splits: str) -> int:
        """How many items these splits lack because they are equal, or nearly equal, to another."""
        ends = tuple(f": left out of {split}" for split in splits)
        return sum(line.endswith(ends) for line in self.duplicates.values())


class Alignment(_Strict):
    """Where the face of an image is, and how it was cropped from its original; points are pixels of that."""

    confidence: float | None
    """The detector's score; None for eyes found by hand."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom of the face."""
    left_corner: tuple[float, float]
    right_corner: tuple[float, float]
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    nose: tuple[float, float] | None = None
    matrix: tuple[float, float, float, float, float, float]
    """From the original to the image; see `s2f_cli.faces.geometry.Transform`."""
    width: int
    height: int


class Entry(_Strict):
    """A face, a sketch, or a pair of them."""

    name: Annotated[str, Field(min_length=1)]
    """Unique in the data set."""
    split: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    identity: str
    """The person; no person is in two splits."""
    files: dict[Domain, str]
    """The image file of each domain, relative to the data set's folder, with forward slashes."""
    sha256: dict[Domain, str]
    """The hash of each file's bytes, in hexadecimal."""
    attributes: dict[str, str] = {}
    """Further attributes by name, such as sex, smiling or style."""
    alignment: dict[Domain, Alignment] = {}
    """How each image was aligned, for images that were aligned, or searched for eyes, during preparation."""

    @model_validator(mode="after")
    def _files_stay_inside(self) -> "Entry":
        for file in self.files.values():
            path = PurePosixPath(file)
            if path.is_absolute() or ".." in path.parts or "\\" in file:
                raise ValueError(f"the path {file!r} leaves the data set")
        if not self.files or set(self.files) != set(self.sha256):
            raise ValueError(f"the entry {self.name!r} needs a file, and a hash for each file")
        return self


def to_line(entry: Entry) -> str:
    """An entry as a line of a manifest, without its newline."""
    return entry.model_dump_json(exclude_defaults=True)


def write_lines(folder: Path, header: Header, lines: Iterable[str]) -> None:
    """Write the manifest of `folder` atomically; `lines` should be sorted by split and name.

    Raises S2FError if the file cannot be written.
    """
    with atomic_file(folder / FILE) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(header.model_dump_json() + "\n")
        file.writelines(f"{line}\n" for line in lines)


class _FileEntries(Sequence[Entry]):
    """The entries of a manifest file, each read on access; only their offsets are held, 8 bytes per entry.

    Reading an entry raises DataError if its line is broken or the file is gone.
    """

    def __init__(self, file: Path, offsets: "array[int]") -> None:
        self._file, self._offsets = file, offsets

    def __len__(self) -> int:
        return len(self._offsets)

    @overload
    def __getitem__(self, number: int) -> Entry: ...
    @overload
    def __getitem__(self, number: slice) -> "_FileEntries": ...
    def __getitem__(self, number: int | slice) -> "Entry | _FileEntries":
        if isinstance(number, slice):
            return _FileEntries(self._file, self._offsets[number])
        return next(iter(self.subset([number])))

    def subset(self, numbers: Iterable[int]) -> "_FileEntries":
        """The entries with these numbers, in this order."""
        return _FileEntries(self._file, array("q", (self._offsets[number] for number in numbers)))

    def __iter__(self) -> Iterator[Entry]:
        try:
            with self._file.open("rb") as lines:
                for offset in self._offsets:
                    lines.seek(offset)
                    yield self._entry(lines.readline(), offset)
        except OSError as problem:
            raise DataError(
                f"{self._file} cannot be read: {reason_of(problem)}", "prepare the data set again"
            ) from None

    def _entry(self, text: bytes, offset: int) -> Entry:
        try:
            return Entry.model_validate_json(text)
        except ValidationError as problem:
            with self._file.open("rb") as lines:
                number = lines.read(offset).count(b"\n") + 1
            raise _broken(self._file, number, problem) from None


class _Index(NamedTuple):
    """The numbers of the entries by split and domains, and a digest of all; both empty unless `in_order`."""

    in_order: bool
    numbers: dict[tuple[str, frozenset[Domain]], "array[int]"]
    digest: str


def _index(entries: Iterable[Entry]) -> _Index:
    numbers = defaultdict[tuple[str, frozenset[Domain]], "array[int]"](lambda: array("q"))
    digest, last = hashlib.sha256(), ("", "")
    for number, entry in enumerate(entries):
        if _sort_key(entry) < last:
            return _Index(False, {}, "")
        last = _sort_key(entry)
        numbers[entry.split, frozenset(entry.files)].append(number)
        identity = f"{entry.name}\0{entry.split}\0{sorted(entry.sha256.items())}\n"
        digest.update(identity.encode())
    return _Index(True, numbers, digest.hexdigest())


class Manifest:
    """A data set on disk: `folder`, `header`, and `entries` sorted by split and name.

    The entries of a file are read on access, so memory stays flat.
    """

    def __init__(self, folder: Path, header: Header, entries: Iterable[Entry]) -> None:
        self.folder, self.header = folder, header
        self.entries: Sequence[Entry] = (
            entries if isinstance(entries, _FileEntries) else sorted(entries, key=_sort_key)
        )
        index = _index(self.entries)
        if not index.in_order:
            self.entries = sorted(self.entries, key=_sort_key)
            index = _index(self.entries)
        self._numbers, self._digest = index.numbers, index.digest

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read the manifest of a prepared data set.

        Raises DataError if the folder or its manifest is missing, or a line is broken.
        """
        file = folder / FILE
        header = read_header(folder)
        offsets = array("q")
        with file.open("rb") as lines:
            offset = len(lines.readline())
            for line in lines:
                if line.strip():
                    offsets.append(offset)
                offset += len(line)
        return cls(folder, header, _FileEntries(file, offsets))

    def splits(self) -> list[str]:
        """The names of the splits, sorted."""
        return sorted({split for split, _ in self._numbers})

    def pairs(self, split: str) -> Sequence[Entry]:
        """The entries of a split that have both a face and a sketch; may be empty."""
        return self._where(lambda its_split, domains: its_split == split and len(domains) == 2)

    def having(self, split: str, domain: Domain) -> Sequence[Entry]:
        """The entries of a split that have an image of a domain; may be empty."""
        return self._where(lambda its_split, domains: its_split == split and domain in domains)

    def within(self, split: str) -> Sequence[Entry]:
        """All entries of a split; may be empty."""
        return self._where(lambda its_split, _: its_split == split)

    def _where(self, accepts: Callable[[str, frozenset[Domain]], bool]) -> Sequence[Entry]:
        numbers = sorted(n for kind, members in self._numbers.items() if accepts(*kind) for n in members)
        if isinstance(self.entries, _FileEntries):
            return self.entries.subset(numbers)
        return [self.entries[number] for number in numbers]

    def path(self, entry: Entry, domain: Domain) -> Path:
        """The file of an entry's image."""
        return self.folder / entry.files[domain]

    def digest(self) -> str:
        """SHA-256 of every entry's name, split and file hashes; equal for equal data in any folder."""
        return self._digest


def read_header(folder: Path) -> Header:
    """Read the header of a prepared data set; raises DataError as `Manifest.read` does."""
    file = folder / FILE
    if not file.is_file():
        raise DataError(
            f"there is no prepared data set in {folder}",
            "prepare one with `s2f prepare demo`, `s2f prepare cufs FOLDER` or "
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


def _sort_key(entry: Entry) -> tuple[str, str]:
    return entry.split, entry.name


def _broken(file: Path, number: int, problem: ValidationError) -> DataError:
    return DataError(
        f"{file}, line {number}, is broken: {problem.errors()[0]['msg']}",
        "prepare the data set again",
    )
