"""Which items of a source are taken, and into which split each goes; all that is random follows a seed."""

import re
from dataclasses import dataclass, field

from s2f_cli.core.errors import DataError
from s2f_cli.core.registry import did_you_mean
from s2f_cli.data.preparation.ledger import Ledger
from s2f_cli.data.preparation.settings import PrepareSettings
from s2f_cli.data.source import LeftOut, Source

_UNSAFE = re.compile(r"[^\w.\- +()@,=]|^[. ]|[. ]$")

_MOST_HELD_OUT = """
substr(min(CASE published WHEN '' THEN NULL WHEN 'test' THEN '0' WHEN 'train' THEN '2' ELSE '1' END
           || published), 2)
"""
"""Of the published splits of a person: `test` goes first, `train` last."""


@dataclass
class Choice:
    """What is taken of a source; the items themselves are in the ledger's table `chosen`."""

    count: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    selection: list[str] = field(default_factory=list)
    """What each filter kept, a line each."""
    listed: int = 0
    """How many of them a published list splits."""
    apart: dict[str, str] = field(default_factory=dict)
    """Items left out because their person is in a split that is further held out."""


def safe_name(name: str) -> str:
    """A name that is a file name on every system: signs that are not become `_`."""
    return _UNSAFE.sub("_", name[:120])


def choose(source: Source, settings: PrepareSettings, ledger: Ledger) -> Choice:
    """Read the list of a source once and choose.

    Raises DataError when nothing is left, or when a filter names an attribute or value that no item has.
    """
    done = Choice()
    with ledger.together():
        filters = _Filters(settings, ledger)
        _list(source, settings, ledger, filters, done)
        filters.apply(done.selection)
        _split(source, settings, ledger, done)
    return done


def _list(
    source: Source, settings: PrepareSettings, ledger: Ledger, filters: "_Filters", done: Choice
) -> None:
    """Every item that can be used becomes a row of `chosen`."""
    columns = ["name", "safe", "file_name", "identity", "part", "published", *filters.columns.values()]
    ledger.run("DROP TABLE IF EXISTS chosen")
    ledger.run(
        f"CREATE TABLE chosen (position INTEGER PRIMARY KEY, split TEXT, {', '.join(columns)}, "
        "UNIQUE (name), UNIQUE (file_name))"
    )
    add = f"INSERT OR IGNORE INTO chosen ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    known = set[str]()
    for found in source.items():
        if isinstance(found, LeftOut):
            done.left_out[found.name] = found.reason
            continue
        if settings.only != "both" and settings.only not in found.pictures:
            continue
        known.update(found.attributes if filters.columns else ())
        values = [found.attributes.get(attribute) for attribute in filters.columns]
        if None in values:
            done.left_out[found.name] = "it lacks an attribute that is asked for"
            continue
        safe = safe_name(found.name)
        row = (found.name, safe, safe.casefold(), found.identity, found.part, found.split, *values)
        if not ledger.run(add, *row):
            done.left_out[found.name] = "another file has the same name, but for its case or its signs"
    for attribute in filters.columns:
        if attribute not in known:
            hint = did_you_mean(attribute, sorted(known))
            raise DataError(f"no item has the attribute {attribute!r}", hint)
    if not ledger.value("SELECT count(*) FROM chosen"):
        raise DataError(f"the source {source.name!r} has no images that can be used here", source.layout)


class _Filters:
    """The filters of the settings, applied to the rows of `chosen`."""

    def __init__(self, settings: PrepareSettings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._wanted, self._rates = settings.wanted(), settings.rates()
        asked = [a for a, _ in self._wanted] + [a for a, _, _ in self._rates]
        asked = [*asked, *filter(None, [settings.balance])]
        self.columns = {name: f"value_{number}" for number, name in enumerate(dict.fromkeys(asked))}
        """The column of `chosen` that has the value of each attribute that is asked for."""

    def apply(self, told: list[str]) -> None:
        """Take the rows out that do not pass; a line is `told` for each filter."""
        for attribute, value in self._wanted:
            members = self._having(attribute, value)
            told.append(f"where {attribute}={value}: {members} of {self._count()}")
            self._ledger.run(f"DELETE FROM chosen WHERE {self.columns[attribute]} != ?", value)
        for attribute, value, rate in self._rates:
            members = self._having(attribute, value)
            some = round(rate * members)
            self._draw(some, f"thin {attribute}={value}", f"{self.columns[attribute]} = ?", value)
            told.append(f"thin {attribute}={value}: {some} of {members}")
        if balance := self._settings.balance:
            groups = self._groups(balance)
            least = min(groups.values(), default=0)
            for value in groups:
                self._draw(least, f"balance {value}", f"{self.columns[balance]} = ?", value)
            told.append(f"balance {balance}: {least} of each of {', '.join(groups)}")
        if self._settings.count is not None:
            every = self._count()
            self._draw(self._settings.count, "count", "TRUE")
            told.append(f"count: {self._count()} of {every}")
        if not self._count():
            raise DataError("the filters leave nothing", "; ".join(told))

    def _count(self) -> int:
        return int(self._ledger.value("SELECT count(*) FROM chosen"))

    def _groups(self, attribute: str) -> dict[str, int]:
        """The values of an attribute, sorted, and how many rows have each."""
        column = self.columns[attribute]
        return dict(self._ledger.rows(f"SELECT {column}, count(*) FROM chosen GROUP BY 1 ORDER BY 1"))  # type: ignore[arg-type]

    def _having(self, attribute: str, value: str) -> int:
        groups = self._groups(attribute)
        if value not in groups:
            raise DataError(f"no item has {attribute}={value}", did_you_mean(value, list(groups)))
        return groups[value]

    def _draw(self, count: int, purpose: str, where: str, *values: str) -> None:
        """Of the rows that a condition names keep so many, drawn with the seed."""
        others = f"SELECT position FROM chosen WHERE {where} ORDER BY lot(name, ?, ?) LIMIT -1 OFFSET {count}"
        seed = self._settings.seed
        self._ledger.run(f"DELETE FROM chosen WHERE position IN ({others})", *values, seed, purpose)


def _split(source: Source, settings: PrepareSettings, ledger: Ledger, done: Choice) -> None:
    """Give every row of `chosen` its split: the published one, else one for the person.

    A random split is exact in its share: at least one person is tested when there are two and the share is
    above 0. Who has several published splits is in the most held out; what a list has in another is left
    out, unless the source leaks on purpose.
    """
    ledger.run("DROP TABLE IF EXISTS people")
    ledger.run(
        "CREATE TABLE people AS "
        f"SELECT identity, coalesce({_MOST_HELD_OUT}, '') AS split FROM chosen GROUP BY identity"
    )
    ledger.run("CREATE UNIQUE INDEX person ON people (identity)")
    free = ledger.value("SELECT count(*) FROM people WHERE split = ''")
    share = settings.test_share
    tested = max(min(max(round(share * free), int(share > 0)), free - 1), 0)
    drawn = "SELECT identity FROM people WHERE split = '' ORDER BY lot(identity, ?, 'split') LIMIT ?"
    ledger.run(f"UPDATE people SET split = 'test' WHERE identity IN ({drawn})", settings.seed, tested)
    ledger.run("UPDATE people SET split = 'train' WHERE split = ''")
    ledger.run("UPDATE chosen SET split = (SELECT split FROM people WHERE people.identity = chosen.identity)")
    elsewhere = "published NOT IN ('', split)"
    if source.leaks():
        ledger.run(f"UPDATE chosen SET split = published WHERE {elsewhere}")
    for name, split, published in ledger.rows(f"SELECT name, split, published FROM chosen WHERE {elsewhere}"):
        done.apart[name] = f"the same person is in {split}; left out of {published}"
    ledger.run(f"DELETE FROM chosen WHERE {elsewhere}")
    ledger.run("DROP TABLE people")
    done.count, done.listed = next(ledger.rows("SELECT count(*), sum(published != '') FROM chosen"))
