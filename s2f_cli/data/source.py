"""The contract of a data source, which yields items, and the files it leaves out with the reason."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from PIL import Image

from s2f_cli.core.names import composed
from s2f_cli.models.domains import Domain

ImageOrigin = Path | Callable[[], Image.Image]
"""An image file, or a picklable function that creates the image."""


@dataclass(frozen=True, slots=True)
class Item:
    """A face, a sketch, or a pair of them."""

    name: str
    """Unique in its source; the item's files are named after it."""
    images: Mapping[Domain, ImageOrigin]
    identity: str
    """The person; no person is in two splits."""
    split: str = ""
    """The item's split in a published list; empty if it is on none."""
    sketcher: str = ""
    """The key of the style in which the missing sketch is drawn from the face, if any: `xdog`."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
    """The part of a composed source that the item comes from."""
    photo: str = ""
    """The name that it shares with the other drawings of one photo; its own name if empty."""
    note: str = ""
    """Why its image has no partner, if one was to be expected."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", composed(as_text(self.name)))
        object.__setattr__(self, "identity", composed(as_text(self.identity)))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a line of a table, that a source cannot use."""

    name: str
    reason: str


def as_text(name: str) -> str:
    """A file name as valid text: bytes that are not UTF-8 become escapes (`\\xe9`)."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class Source:
    """A data set that s2f can read.

    A subclass is a frozen dataclass. Its fields are the options of `s2f prepare NAME`, each
    `Annotated[type, Option("Its help.")]` (`s2f_cli.data.options`); a field without a default is an argument.
    """

    name: ClassVar[str]
    homepage: ClassVar[str] = ""
    licence: ClassVar[str]
    layout: ClassVar[str]
    """How to get the data set, and how its folder is laid out."""
    examples: ClassVar[tuple[str, ...]] = ()
    """Command lines for the end of its help."""

    def items(self) -> Iterator[Item | LeftOut]:
        """Yield every item, always in the same order; reads no pixels.

        Raises DataError or ImageError if the data set is missing.
        """
        raise NotImplementedError

    def split_rule(self) -> str:
        """The name of the published list that splits the items; empty for a random split."""
        return ""

    def terms(self) -> str:
        """The licence of the items."""
        return self.licence

    def leaks(self) -> bool:
        """Whether the splits share versions of one image on purpose."""
        return False


def stable_hash(name: str, seed: int, purpose: str = "") -> bytes:
    """A hash of name, seed and purpose, the same on every machine; random draws take the lowest hashes."""
    return hashlib.sha256(os.fsencode(f"{seed}\0{purpose}\0{name}")).digest()


def hash_order(names: Iterable[str], seed: int, purpose: str = "") -> list[str]:
    """Names shuffled with a seed: sorted by their stable hashes."""
    return sorted(names, key=lambda name: stable_hash(name, seed, purpose))
