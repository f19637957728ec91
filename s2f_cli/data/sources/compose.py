"""The source `compose`: several prepared data sets combined, by count or by share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import Entry, Manifest, read_header
from s2f_cli.data.options import Option
from s2f_cli.data.source import Item, LeftOut, Source, stable_hash
from s2f_cli.models.domains import Domain, as_domain

__all__ = ["Compose"]

_AMOUNT = r"(?:(?P<kind>face|sketch|pair)=)?(?:(?P<count>\d+)|(?P<percent>\d+(?:\.\d+)?)%|(?P<all>all))"
_PART = re.compile(rf"(?P<folder>.+?)(?::{_AMOUNT})?(?::x(?P<times>[1-9]\d*))?")


@dataclass(frozen=True)
class _Part:
    """A data set, and the kind and number of the images to take from it."""

    folder: Path
    name: str
    kind: str
    """`face`, `sketch`, `pair`, or empty for all images of every entry."""
    count: int | None
    """The number of items; with neither count nor share, all."""
    share: float | None
    """The share of the total of all parts."""
    times: int = 1
    """How often a training epoch sees each item."""

    def takes(self, entry: Entry) -> bool:
        """Whether an entry has the images that the part takes."""
        if self.kind == "pair":
            return len(entry.files) > 1
        return not self.kind or self.kind in entry.files

    def images(self, entry: Entry) -> dict[Domain, Path]:
        """The files of an entry that the part takes, by domain."""
        domains = [as_domain(self.kind)] if self.kind in ("face", "sketch") else list(entry.files)
        return {domain: self.folder / entry.files[domain] for domain in domains}


@dataclass(frozen=True)
class Compose(Source):
    """Combines several prepared data sets, by count or by share, like report B's Set1 and Set2."""

    name: ClassVar[str] = "compose"
    licence: ClassVar[str] = "those of its parts"
    layout: ClassVar[str] = (
        "Each PART is a prepared data set with an amount: FOLDER, FOLDER:500, FOLDER:sketch=920 "
        "(only its sketches), FOLDER:face=30%, FOLDER:pair=all. Percentages refer to --total, or to the "
        "largest total that the sets allow. With :x4, as in FOLDER:pair=all:x4, each item is four times in "
        "the split train, so that a small set counts more. People keep their split. A table of the parts is "
        "printed and kept in the manifest."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "s2f prepare compose collected:sketch=920 cufs:sketch=571 celeba:face=1500",
    )

    parts: Annotated[
        tuple[str, ...], Option("Prepared data sets, each with an amount: FOLDER:KIND=N.", "PART")
    ]
    total: Annotated[int | None, Option("Number of items that percentages refer to.", "N")] = None
    seed: Annotated[int, Option("Seed of all random choices.", "SEED")] = 0

    def items(self) -> Iterator[Item | LeftOut]:
        """The items drawn from each part, named after it; further copies have a number before the name.

        Raises DataError if a part is not a prepared data set, has too few items, or does not parse.
        """
        for part, manifest, highest in self._drawn():
            for entry in manifest.entries:
                if not part.takes(entry) or self._hash(part, entry) > highest:
                    continue
                for copy in range(part.times if entry.split == "train" else 1):
                    number = f"{copy + 1}-" if copy else ""
                    yield Item(
                        name=f"{part.name}-{number}{entry.name}",
                        images=part.images(entry),
                        identity=f"{manifest.header.source}/{entry.identity}",
                        split=entry.split,
                        attributes=entry.attributes,
                        part=part.name,
                    )

    def split_rule(self) -> str:
        """The splits of the parts."""
        rules = {part.name: read_header(part.folder).split for part in self._parts()}
        return "; ".join(f"{name}: {rule}" for name, rule in rules.items())

    def terms(self) -> str:
        """The licences of the parts, each once."""
        return "; ".join(dict.fromkeys(read_header(part.folder).licence for part in self._parts()))

    def _parts(self) -> list[_Part]:
        parts = [_read(text) for text in self.parts]
        by_name: dict[str, _Part] = {}
        for part in parts:
            other = by_name.setdefault(part.name, part)
            if other is not part:
                same = other.folder.resolve() == part.folder.resolve()
                raise DataError(
                    f"two parts have the name {part.name!r}",
                    "name the folder once; without an amount, all of it is taken"
                    if same
                    else "rename the folder of one",
                )
        return parts

    def _drawn(self) -> list[tuple[_Part, Manifest, int]]:
        """The parts, each with the highest hash of the entries drawn from it."""
        parts = self._parts()
        manifests = [Manifest.read(part.folder) for part in parts]
        pools = [
            np.fromiter((self._hash(part, e) for e in manifest.entries if part.takes(e)), np.uint64)
            for part, manifest in zip(parts, manifests, strict=True)
        ]
        total = self.total or _largest_total(parts, [len(pool) for pool in pools])
        drawn = []
        for part, manifest, pool in zip(parts, manifests, pools, strict=True):
            count = part.count if part.share is None else round(part.share * total)
            if count is not None and count > len(pool):
                kind = f"{part.kind}s" if part.kind else "items"
                raise DataError(f"{part.folder} has {len(pool)} {kind}, fewer than {count}", "take fewer")
            pool.sort()
            highest = pool[:count][-1] if len(pool[:count]) else -1
            drawn.append((part, manifest, int(highest)))
        return drawn

    def _hash(self, part: _Part, entry: Entry) -> int:
        """A hash in [0, 2^64); the entries with the lowest hashes are drawn."""
        return int.from_bytes(stable_hash(entry.name, self.seed, f"compose {part.name}")[:8])


def _read(text: str) -> _Part:
    match = _PART.fullmatch(text)
    if match is None:
        raise DataError(f"{text!r} does not parse", "write FOLDER, FOLDER:N, FOLDER:sketch=N or FOLDER:x2")
    folder = Path(match["folder"])
    share = float(match["percent"]) / 100 if match["percent"] else None
    count = int(match["count"]) if match["count"] else None
    return _Part(folder, folder.resolve().name, match["kind"] or "", count, share, int(match["times"] or 1))


def _largest_total(parts: list[_Part], available: list[int]) -> int:
    """The largest total for which every part given as a percentage has enough items."""
    limits = [n / part.share for part, n in zip(parts, available, strict=True) if part.share]
    return int(min(limits, default=0) + 1e-9)
