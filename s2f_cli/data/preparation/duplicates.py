"""The policy for duplicates: which items of a data set show the same images, and which of them to drop."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from s2f_cli.data.preparation import near_duplicates
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.settings import Duplicates
from s2f_cli.models.domains import DOMAINS

_SAME_AS_FIRST = """
SELECT first, position FROM (
    SELECT position, digest,
           first_value(position) OVER same AS first, first_value(digest) OVER same AS first_digest
    FROM pictures JOIN chosen USING (name) WHERE {condition}
    WINDOW same AS (PARTITION BY domain, {column} ORDER BY position))
WHERE position > first AND (digest = first_digest) = {equal}
"""
"""Items whose image has the same {column} as an earlier item's, each with the first such item."""
_ITEM = "SELECT split, position, safe FROM chosen WHERE position = ?"


def drop_duplicates(ledger: Ledger, policy: Duplicates) -> dict[str, str]:
    """Drop duplicates from the table `chosen`; returns a line about each duplicate, by its name.

    `across` drops duplicates of an item in another split, `all` keeps one item of each group, and `ignore`
    drops none. The most held-out item of a group is kept (`test` before other splits, `train` last), or the
    first of several.
    """
    lines: dict[str, str] = {}
    for group, equal in _groups(ledger) if policy != "ignore" else ():
        items = [next(ledger.rows(_ITEM, position)) for position in group]
        (kept_split, _, kept), *others = sorted(items, key=lambda item: (_held_out(item[0]), item[1]))
        for split, position, name in others:
            dropped = policy == "all" or split != kept_split
            likeness = "equal to" if equal else "nearly equal to"
            fate = f"left out of {split}" if dropped else f"both in {split}"
            lines[name] = f"{likeness} {kept} in {kept_split}: {fate}"
            if dropped:
                ledger.run("DELETE FROM chosen WHERE position = ?", position)
    return lines


def _held_out(split: str) -> tuple[int, str]:
    return {"test": 0, "train": 2}.get(split, 1), split


def _groups(ledger: Ledger) -> list[tuple[list[int], bool]]:
    """Groups of positions of items that are duplicates in either domain, and whether all are equal.

    A union-find over the pairs of duplicates.
    """
    leader: dict[int, int] = {}

    def find(position: int) -> int:
        while leader.setdefault(position, position) != position:
            leader[position] = leader[leader[position]]
            position = leader[position]
        return position

    near = set[int]()
    for first, second in ledger.rows(_SAME_AS_FIRST.format(column="digest", equal=1, condition="TRUE")):
        leader[find(second)] = find(first)
    for first, second in _near_pairs(ledger):
        leader[find(second)] = find(first)
        near |= {first, second}
    groups = defaultdict[int, list[int]](list)
    for position in sorted(leader):
        groups[find(position)].append(position)
    return [(group, near.isdisjoint(group)) for group in groups.values()]


def _near_pairs(ledger: Ledger) -> Iterator[tuple[int, int]]:
    """Pairs of items whose images look the same but have different bytes."""
    yield from ledger.rows(_SAME_AS_FIRST.format(column="thumb", equal=0, condition="thumb IS NOT NULL"))  # type: ignore[misc]
    for domain in DOMAINS:
        thumbnails = _LedgerThumbnails(ledger, domain)
        for first, second in near_duplicates.find_pairs(thumbnails):
            yield thumbnails.position(first), thumbnails.position(second)


class _LedgerThumbnails:
    """The distinct thumbnails of a domain, read from the ledger on access."""

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
        thumbnails = [self._ledger.value("SELECT thumb FROM thumbs WHERE rowid = ?", n + 1) for n in numbers]
        return np.frombuffer(b"".join(thumbnails), np.uint8).reshape(len(thumbnails), -1)

    def position(self, row: int) -> int:
        """The position of the first item that has a thumbnail."""
        return int(self._ledger.value("SELECT position FROM thumbs WHERE rowid = ?", row + 1))
