"""What a source yields: items (a person's picture, or pair), and what it left out, with the reason."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from PIL import Image

from s2f_cli.core.images import Domain

Picture = Path | Callable[[], Image.Image]
"""A file, or a function that makes the image; it travels to other processes, so it can be pickled."""


@dataclass(frozen=True, slots=True)
class Item:
    """One face, one sketch, or a pair of them, as a source knows it."""

    name: str
    """Unique in its source; it becomes the name of the files."""
    pictures: Mapping[Domain, Picture]
    identity: str
    """The person: no identity stands on both sides of a split."""
    split: str = ""
    """The split that a published list puts it in; empty when there is no such list."""
    sketcher: str = ""
    """The sketcher that draws the sketch from the face, for an item that has none."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    """The part of a composed source that it comes from."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", as_text(self.name))
        object.__setattr__(self, "identity", as_text(self.identity))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a line of a table, that a source found and did not take."""

    name: str
    reason: str


def as_text(name: str) -> str:
    """The name of a file as text that can be written: bytes of it that are no UTF-8 become `\\xe9`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class Source:
    """A data set that s2f can read. Its subclasses are frozen dataclasses: their fields are the options of
    `s2f prepare NAME`, each `Annotated[type, "its help"]`; a field without a default is an argument.
    """

    name: ClassVar[str]
    homepage: ClassVar[str] = ""
    licence: ClassVar[str]
    layout: ClassVar[str]
    """How to get it and what its folder looks like."""

    def items(self) -> Iterator[Item | LeftOut]:
        """Every item, always in the same order; reads no pixels.

        Raises DataError or ImageError when the data set is not there.
        """
        raise NotImplementedError

    def split_rule(self) -> str:
        """The name of the published list that splits the items; empty when the split is random."""
        return ""

    def terms(self) -> str:
        """The licence of what was read."""
        return self.licence

    def leaks(self) -> bool:
        """Whether the split has versions of one picture on both sides, on purpose."""
        return False


def stable_hash(name: str, seed: int, purpose: str = "") -> bytes:
    """A random lot that depends on the name, the seed and the purpose alone; the lowest ones are drawn."""
    return hashlib.sha256(f"{seed}\0{purpose}\0{name}".encode()).digest()


def hash_order(names: Iterable[str], seed: int, purpose: str = "") -> list[str]:
    """Names in the order of their lots."""
    return sorted(names, key=lambda name: stable_hash(name, seed, purpose))
