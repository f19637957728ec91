"""Choose the items of a source and their splits; all random choices follow a seed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from s2f_cli.core.errors import DataError
from s2f_cli.core.registry import did_you_mean
from s2f_cli.data.preparation import drawings
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.sketching import Style
from s2f_cli.data.source import LeftOut, Source

_UNSAFE = re.compile(r"[^\w.\- +()@,=]|^[. ]|[. ]$")
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)", re.IGNORECASE
)
"""The beginnings of names that Windows gives to devices, whatever their suffix."""
_MOST_BYTES = 180
"""File systems allow 255 bytes, some 143 characters; names get a suffix."""

_MOST_HELD_OUT = """
substr(min(CASE published WHEN '' THEN NULL WHEN 'test' THEN '0' WHEN 'train' THEN '2' ELSE '1' END
           || published), 2)
"""
"""The most held-out of a person's published splits: `test` before other splits, `train` last."""


@dataclass(frozen=True)
class Selection:
    """The result of `select`; the items themselves are rows of the ledger's table `chosen`."""

    count: int
    """The number of items."""
    listed: int
    """The number of items with a published split."""
    left_out: dict[str, str]
    """Items that cannot be used, with the reason."""
    filters: list[str]
    """A line about each filter: how many items it kept."""
    unpaired: dict[str, str]
    """Images without the partner that was to be expected, with the reason; they are taken."""
    conflicts: dict[str, str]
    """Items left out because their person is in a more held-out split."""


def safe_name(name: str) -> str:
    """At most 120 characters and 180 bytes of a name, with `_` for those that some file system forbids.

    A name that Windows gives to a device, like `CON` or `nul.tar`, gets a `_` in front.
    """
    safe = _UNSAFE.sub("_", _shortened(name))
    return _UNSAFE.sub("_", _shortened(f"_{safe}")) if _RESERVED.match(safe) else safe


def _shortened(name: str) -> str:
    return name[:120].encode()[:_MOST_BYTES].decode(errors="ignore")


def select(
    source: Source, settings: PrepareSettings, ledger: Ledger, styles: Sequence[Style] = ()
) -> Selection:
    """List the items of a source once, filter them and split them; `styles` draw missing sketches.

    Raises DataError if no item is left, or if a filter names an attribute or value that no item has.
    """
    filters = _Filters(settings, ledger)
    with ledger.transaction():
        left_out, unpaired, drawn = _list_items(source, settings, ledger, styles, filters.columns)
        lines = filters.apply()
        if styles and not drawn:
            lines.append("no sketch was drawn: every face has one; --only face draws all faces")
        conflicts = _assign_splits(source, settings, ledger)
        _hold_out(settings, ledger)
        count, listed = next(ledger.rows("SELECT count(*), sum(published != '') FROM chosen"))
    return Selection(count, listed, left_out, lines, unpaired, conflicts)


def _list_items(
    source: Source,
    settings: PrepareSettings,
    ledger: Ledger,
    styles: Sequence[Style],
    attribute_columns: dict[str, str],
) -> tuple[dict[str, str], dict[str, str], int]:
    """Fill the table `chosen` with every usable item.

    Returns the unusable and the unpaired, with reasons, and the number of items that will be drawn. Rows
    of the same `photo` are drawings of one photo.
    """
    columns = ["name", "photo", "safe", "file_name", "identity", "part", "published"]
    columns += attribute_columns.values()
    ledger.run("DROP TABLE IF EXISTS chosen")
    ledger.run(
        f"CREATE TABLE chosen (position INTEGER PRIMARY KEY, split TEXT, {', '.join(columns)}, "
        "UNIQUE (name), UNIQUE (file_name))"
    )
    add = f"INSERT OR IGNORE INTO chosen ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    left_out: dict[str, str] = {}
    unpaired: dict[str, str] = {}
    known, drawn = set[str](), 0
    for item in drawings.items(source, settings, styles):
        if isinstance(item, LeftOut):
            left_out[item.name] = item.reason
            continue
        if settings.only != "both" and settings.only not in item.images:
            continue
        known.update(item.attributes if attribute_columns else ())
        drawn += bool(item.sketcher)
        values = [item.attributes.get(attribute) for attribute in attribute_columns]
        if None in values:
            left_out[item.name] = "it lacks an attribute that a filter needs"
            continue
        names = (item.name, item.photo or item.name, safe := safe_name(item.name), safe.casefold())
        row = (*names, item.identity, item.part, item.split, *values)
        if not ledger.run(add, *row):
            left_out[item.name] = (
                "another item has the same name, apart from case, special characters and what follows the "
                "first 120 characters"
            )
        elif item.note and settings.only == "both" and not settings.sketcher:
            unpaired[str(next(iter(item.images.values())))] = item.note
    for attribute in attribute_columns:
        if attribute not in known:
            hint = did_you_mean(attribute, sorted(known)) if known else "leave it out: the items have none"
            raise DataError(f"no item has the attribute {attribute!r}", hint)
    if not ledger.value("SELECT count(*) FROM chosen"):
        raise DataError(f"the source {source.name!r} has no usable images", source.layout)
    return left_out, unpaired, drawn


class _Filters:
    """The filters of the settings, on the table `chosen`."""

    def __init__(self, settings: PrepareSettings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._where, self._thin = settings.where_rules(), settings.thin_rules()
        attributes = [attribute for attribute, _ in self._where]
        attributes += [attribute for attribute, _, _ in self._thin]
        attributes += filter(None, [settings.balance])
        self.columns = {name: f"value_{number}" for number, name in enumerate(dict.fromkeys(attributes))}
        """The column of `chosen` that holds the values of each attribute that a filter needs."""

    def apply(self) -> list[str]:
        """Delete the rows that do not pass; returns a line about each filter."""
        lines: list[str] = []
        for attribute, value in self._where:
            members = self._count_of(attribute, value)
            lines.append(f"where {attribute}={value}: {members} of {self._count()}")
            self._ledger.run(f"DELETE FROM chosen WHERE {self.columns[attribute]} != ?", value)
        for attribute, value, share in self._thin:
            members = self._count_of(attribute, value)
            kept = round(share * members)
            self._draw(kept, f"thin {attribute}={value}", f"{self.columns[attribute]} = ?", value)
            lines.append(f"thin {attribute}={value}: {kept} of {members}")
        if balance := self._settings.balance:
            groups = self._groups(balance)
            smallest = min(groups.values(), default=0)
            for value in groups:
                self._draw(smallest, f"balance {value}", f"{self.columns[balance]} = ?", value)
            lines.append(f"balance {balance}: {smallest} of each of {', '.join(groups)}")
        if self._settings.count is not None:
            total = self._count()
            self._draw(self._settings.count, "count", "TRUE")
            lines.append(f"count: {self._count()} of {total}")
        if not self._count():
            raise DataError("no item passes the filters", "; ".join(lines))
        return lines

    def _count(self) -> int:
        return int(self._ledger.value("SELECT count(DISTINCT photo) FROM chosen"))

    def _groups(self, attribute: str) -> dict[str, int]:
        """The sorted values of an attribute, and the number of photos with each."""
        column = self.columns[attribute]
        counted = f"SELECT {column}, count(DISTINCT photo) FROM chosen GROUP BY 1 ORDER BY 1"
        return dict(self._ledger.rows(counted))  # type: ignore[arg-type]

    def _count_of(self, attribute: str, value: str) -> int:
        groups = self._groups(attribute)
        if value not in groups:
            raise DataError(f"no item has {attribute}={value}", did_you_mean(value, list(groups)))
        return groups[value]

    def _draw(self, count: int, purpose: str, condition: str, *values: str) -> None:
        """Of the photos that meet a condition, keep `count` drawn with the seed and delete the others."""
        others = (
            f"SELECT photo FROM chosen WHERE {condition} GROUP BY photo ORDER BY stable_hash(photo, ?, ?) "
            f"LIMIT -1 OFFSET {count}"
        )
        delete = f"DELETE FROM chosen WHERE {condition} AND photo IN ({others})"
        self._ledger.run(delete, *values, *values, self._settings.seed, purpose)


def _assign_splits(source: Source, settings: PrepareSettings, ledger: Ledger) -> dict[str, str]:
    """Give every row of `chosen` its split: the published one, else a random one by person.

    The random split meets its share exactly, but if the share is above 0, it tests at least one of two or
    more people. A person with several published splits gets the most held-out one; their items published in
    another split are dropped, and returned with the reason, unless the source leaks on purpose.
    """
    ledger.run("DROP TABLE IF EXISTS people")
    ledger.run(
        "CREATE TABLE people AS "
        f"SELECT identity, coalesce({_MOST_HELD_OUT}, '') AS split FROM chosen GROUP BY identity"
    )
    ledger.run("CREATE UNIQUE INDEX person ON people (identity)")
    unlisted = ledger.value("SELECT count(*) FROM people WHERE split = ''")
    tested = _share_of(unlisted, settings.test_share)
    drawn = "SELECT identity FROM people WHERE split = '' ORDER BY stable_hash(identity, ?, 'split') LIMIT ?"
    ledger.run(f"UPDATE people SET split = 'test' WHERE identity IN ({drawn})", settings.seed, tested)
    ledger.run("UPDATE people SET split = 'train' WHERE split = ''")
    ledger.run("UPDATE chosen SET split = (SELECT split FROM people WHERE people.identity = chosen.identity)")
    elsewhere = "published NOT IN ('', split)"
    if source.leaks():
        ledger.run(f"UPDATE chosen SET split = published WHERE {elsewhere}")
    conflicts = {
        name: f"the same person is in {split}; left out of {published}"
        for name, split, published in ledger.rows(
            f"SELECT name, split, published FROM chosen WHERE {elsewhere}"
        )
    }
    ledger.run(f"DELETE FROM chosen WHERE {elsewhere}")
    ledger.run("DROP TABLE people")
    return conflicts


def _hold_out(settings: PrepareSettings, ledger: Ledger) -> None:
    """Move a share of the people in the train split to the split `val`, with all their items there."""
    trained = ledger.value("SELECT count(DISTINCT identity) FROM chosen WHERE split = 'train'")
    drawn = (
        "SELECT DISTINCT identity FROM chosen WHERE split = 'train' "
        "ORDER BY stable_hash(identity, ?, 'val') LIMIT ?"
    )
    ledger.run(
        f"UPDATE chosen SET split = 'val' WHERE split = 'train' AND identity IN ({drawn})",
        settings.seed,
        _share_of(trained, settings.val_share),
    )


def _share_of(people: int, share: float) -> int:
    """The number of people that a share holds out: at least one of two or more, unless the share is 0."""
    return max(min(max(round(share * people), int(share > 0)), people - 1), 0)
