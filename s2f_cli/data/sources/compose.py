"""The source `compose`: one data set out of several prepared ones, by count or by share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Domain, as_domain
from s2f_cli.data.manifest import Entry, Manifest, read_header
from s2f_cli.data.source import Item, LeftOut, Source, stable_hash

__all__ = ["Compose"]

_AMOUNT = r"(?:(?P<kind>face|sketch|pair)=)?(?:(?P<count>\d+)|(?P<percent>\d+(?:\.\d+)?)%|(?P<all>all))"
_PART = re.compile(rf"(?P<folder>.+?)(?::{_AMOUNT})?")


@dataclass(frozen=True)
class _Part:
    """One set, what is taken of it, and how much."""

    folder: Path
    name: str
    kind: str
    """`face`, `sketch`, `pair`, or nothing for whatever there is."""
    count: int | None
    share: float | None

    def takes(self, entry: Entry) -> bool:
        if self.kind == "pair":
            return len(entry.files) > 1
        return not self.kind or self.kind in entry.files

    def pictures(self, entry: Entry) -> dict[Domain, Path]:
        domains = [as_domain(self.kind)] if self.kind in ("face", "sketch") else list(entry.files)
        return {domain: self.folder / entry.files[domain] for domain in domains}


@dataclass(frozen=True)
class Compose(Source):
    """One data set out of several prepared ones, by count or by share, as report B's Set1 and Set2."""

    name: ClassVar[str] = "compose"
    licence: ClassVar[str] = "those of its parts"
    layout: ClassVar[str] = (
        "Each PART is a prepared data set, and how much of it: FOLDER, FOLDER:500, FOLDER:sketch=920 "
        "(its sketches only), FOLDER:face=30%, FOLDER:pair=all. Percents are of --total, or of the "
        "largest total that the sets allow. People keep their split; the table of the parts is printed "
        "and kept in the manifest."
    )

    parts: Annotated[tuple[str, ...], "Prepared data sets, each with an amount: FOLDER:KIND=COUNT."]
    total: Annotated[int | None, "How many items all percents refer to."] = None
    seed: Annotated[int, "The seed of everything random."] = 0

    def items(self) -> Iterator[Item | LeftOut]:
        """What was drawn of each part, named after it.

        Raises DataError when a part is no prepared data set, has too few items, or an amount is not clear.
        """
        for part, manifest, last in self._drawn():
            for entry in manifest.entries:
                if part.takes(entry) and self._lot(part, entry) <= last:
                    yield Item(
                        name=f"{part.name}-{entry.name}",
                        pictures=part.pictures(entry),
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
        found = [_read(text) for text in self.parts]
        names = [part.name for part in found]
        if len(set(names)) < len(names):
            raise DataError(
                f"two parts are called {max(names, key=names.count)!r}", "rename the folder of one"
            )
        return found

    def _drawn(self) -> list[tuple[_Part, Manifest, int]]:
        """The parts, each with the last lot of those that are taken of it."""
        parts = self._parts()
        sets = [Manifest.read(part.folder) for part in parts]
        pools = [
            np.fromiter((self._lot(part, e) for e in one.entries if part.takes(e)), np.uint64)
            for part, one in zip(parts, sets, strict=True)
        ]
        total = self.total or _largest_total(parts, [len(pool) for pool in pools])
        drawn = []
        for part, one, lots in zip(parts, sets, pools, strict=True):
            count = part.count if part.share is None else round(part.share * total)
            if count is not None and count > len(lots):
                kind = f"{part.kind}s" if part.kind else "items"
                raise DataError(f"{part.folder} has {len(lots)} {kind}, fewer than {count}", "ask for fewer")
            lots.sort()
            last = lots[:count][-1] if len(lots[:count]) else -1
            drawn.append((part, one, int(last)))
        return drawn

    def _lot(self, part: _Part, entry: Entry) -> int:
        """Those with the lowest lots are drawn."""
        return int.from_bytes(stable_hash(entry.name, self.seed, f"compose {part.name}")[:8])


def _read(text: str) -> _Part:
    match = _PART.fullmatch(text)
    if match is None:
        raise DataError(f"{text!r} is not clear", "write FOLDER, FOLDER:COUNT or FOLDER:sketch=COUNT")
    folder = Path(match["folder"])
    share = float(match["percent"]) / 100 if match["percent"] else None
    count = int(match["count"]) if match["count"] else None
    return _Part(folder, folder.resolve().name, match["kind"] or "", count, share)


def _largest_total(parts: list[_Part], available: list[int]) -> int:
    """The largest total of which every part that is given in percents has its share."""
    limits = [n / part.share for part, n in zip(parts, available, strict=True) if part.share]
    return int(min(limits, default=0) + 1e-9)
