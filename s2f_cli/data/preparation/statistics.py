"""What a ledger says was made: the duplicates among the pictures, and how many there are of each kind."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from s2f_cli.core.images import DOMAINS
from s2f_cli.data.preparation import duplicates
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.settings import Duplicates

_FIRST = """
SELECT first, position FROM (
    SELECT position, digest,
           first_value(position) OVER same AS first, first_value(digest) OVER same AS first_digest
    FROM pictures JOIN chosen USING (name) WHERE {condition}
    WINDOW same AS (PARTITION BY domain, {what} ORDER BY position))
WHERE position > first AND (digest = first_digest) = {equal}
"""
"""Items whose picture is like that of an earlier item, each with the first of them."""
_ITEM = "SELECT split, position, safe FROM chosen WHERE position = ?"


def drop_duplicates(ledger: Ledger, policy: Duplicates) -> dict[str, str]:
    """Take out of `chosen` what the policy leaves out; a line about every duplicate, by its name.

    Across a split the one that is held out is kept, else the first.
    """
    told: dict[str, str] = {}
    for group, equal in _groups(ledger) if policy != "ignore" else ():
        items = [next(ledger.rows(_ITEM, position)) for position in group]
        (kept_split, _, kept), *others = sorted(items, key=lambda item: (_held_out(item[0]), item[1]))
        for split, position, name in others:
            out = policy == "all" or split != kept_split
            kind = "equal to" if equal else "nearly equal to"
            fate = f"left out of {split}" if out else f"both in {split}"
            told[name] = f"{kind} {kept} in {kept_split}: {fate}"
            if out:
                ledger.run("DELETE FROM chosen WHERE position = ?", position)
    return told


def _held_out(split: str) -> tuple[int, str]:
    return {"test": 0, "train": 2}.get(split, 1), split


def _groups(ledger: Ledger) -> list[tuple[list[int], bool]]:
    """Groups of items (their positions) that are duplicates in either domain, and whether all are equal."""
    leader: dict[int, int] = {}

    def find(position: int) -> int:
        while leader.setdefault(position, position) != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    near = set[int]()
    for first, second in ledger.rows(_FIRST.format(what="digest", equal=1, condition="TRUE")):
        leader[find(second)] = find(first)
    for first, second in _near(ledger):
        leader[find(second)] = find(first)
        near |= {first, second}
    groups = defaultdict[int, list[int]](list)
    for position in sorted(leader):
        groups[find(position)].append(position)
    return [(group, near.isdisjoint(group)) for group in groups.values()]


def _near(ledger: Ledger) -> Iterator[tuple[int, int]]:
    """Pairs of items with pictures that are the same but not equal."""
    yield from ledger.rows(_FIRST.format(what="thumb", equal=0, condition="thumb IS NOT NULL"))  # type: ignore[misc]
    for domain in DOMAINS:
        thumbs = _Thumbs(ledger, domain)
        for one, other in duplicates.near(thumbs):
            yield thumbs.position(one), thumbs.position(other)


class _Thumbs:
    """The different thumbnails of a domain, read from the ledger as they are asked for."""

    def __init__(self, ledger: Ledger, domain: str) -> None:
        self._ledger = ledger
        ledger.run("DROP TABLE IF EXISTS temp.thumbs")
        ledger.run(
            "CREATE TEMP TABLE thumbs AS SELECT min(position) AS position, thumb "
            "FROM pictures JOIN chosen USING (name) WHERE domain = ? AND thumb IS NOT NULL GROUP BY thumb",
            domain,
        )
        self._count = int(ledger.value("SELECT count(*) FROM thumbs"))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, rows: slice | npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
        numbers = range(self._count)[rows] if isinstance(rows, slice) else rows.tolist()
        found = [self._ledger.value("SELECT thumb FROM thumbs WHERE rowid = ?", n + 1) for n in numbers]
        return np.frombuffer(b"".join(found), np.uint8).reshape(len(found), -1)

    def position(self, row: int) -> int:
        """The position of the first item that has a thumbnail."""
        return int(self._ledger.value("SELECT position FROM thumbs WHERE rowid = ?", row + 1))


def table(ledger: Ledger, by: str = "split") -> dict[str, dict[str, int]]:
    """Faces, sketches, pairs and people of every split, or of every part."""
    counted = ledger.rows(
        f"SELECT {by}, sum(face), sum(sketch), sum(face AND sketch), count(DISTINCT identity) "
        "FROM chosen JOIN (SELECT name, max(domain = 'face') AS face, max(domain = 'sketch') AS sketch "
        "FROM pictures GROUP BY name) USING (name) GROUP BY 1 ORDER BY 1"
    )
    return {
        key: dict(zip(("faces", "sketches", "pairs", "people"), row, strict=True)) for key, *row in counted
    }
