"""Which items of a source are taken, and into which split each goes; all that is random follows a seed."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from s2f_cli.errors import DataError
from s2f_cli.items import Item, LeftOut, Source, ranked
from s2f_cli.parts import did_you_mean
from s2f_cli.preparation.settings import Settings

_UNSAFE = re.compile(r"[^\w.\- +()@,=]|^[. ]|[. ]$")


@dataclass
class Choice:
    """What is taken of a source."""

    splits: dict[str, str] = field(default_factory=dict)
    """The split of every item that is taken, by its name."""
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


def choose(source: Source, settings: Settings) -> Choice:
    """Read the list of a source once and choose; holds no more than names in memory.

    Raises DataError when nothing is left, or when a filter names an attribute or value that no item has.
    """
    done = Choice()
    people: dict[str, tuple[str, str]] = {}
    rows = _Attributes(settings)
    taken: set[str] = set()
    for found in source.items():
        if isinstance(found, LeftOut):
            done.left_out[found.name] = found.reason
            continue
        if settings.only != "both" and settings.only not in found.pictures:
            continue
        key = safe_name(found.name).casefold()
        if key in taken:
            done.left_out[found.name] = "another file has the same name, but for its case or its signs"
            continue
        taken.add(key)
        if not rows.take(found):
            done.left_out[found.name] = "it lacks an attribute that is asked for"
            continue
        people[found.name] = (found.identity, found.split)
    rows.check()
    if not people:
        raise DataError(f"the source {source.name!r} has no images that can be used here", source.layout)
    names = rows.filtered(people, done.selection)
    if not names:
        raise DataError("the filters leave nothing", "; ".join(done.selection))
    kept = {name: people[name] for name in sorted(names)}
    done.listed = sum(bool(split) for _, split in kept.values())
    by_person = split_by_person(kept.values(), settings.test_share, settings.seed)
    for name, (identity, split) in kept.items():
        if split in ("", by_person[identity]) or source.leaks():
            done.splits[name] = split or by_person[identity]
        else:
            done.apart[name] = f"the same person is in {by_person[identity]}; left out of {split}"
    return done


class _Attributes:
    """The values of those attributes that a filter asks for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wanted, self._rates = settings.wanted(), settings.rates()
        asked = [a for a, _ in self._wanted] + [a for a, _, _ in self._rates]
        self._asked = list(dict.fromkeys([*asked, *filter(None, [settings.balance])]))
        self._values: dict[str, tuple[str, ...]] = {}
        self._known: set[str] = set()

    def take(self, item: Item) -> bool:
        """Note the values of an item; False when it lacks an attribute that is asked for."""
        if not self._asked:
            return True
        self._known.update(item.attributes)
        if any(attribute not in item.attributes for attribute in self._asked):
            return False
        self._values[item.name] = tuple(item.attributes[attribute] for attribute in self._asked)
        return True

    def check(self) -> None:
        """Raises DataError when no item at all has an attribute that is asked for."""
        for attribute in self._asked:
            if attribute not in self._known:
                hint = did_you_mean(attribute, sorted(self._known))
                raise DataError(f"no item has the attribute {attribute!r}", hint)

    def filtered(self, names: Iterable[str], told: list[str]) -> set[str]:
        """The names that pass every filter; a line is `told` for each."""
        kept = set(names)
        for attribute, value in self._wanted:
            members = self._having(kept, attribute, value)
            told.append(f"where {attribute}={value}: {len(members)} of {len(kept)}")
            kept = members
        for attribute, value, rate in self._rates:
            members = self._having(kept, attribute, value)
            some = self._draw(members, round(rate * len(members)), f"thin {attribute}={value}")
            told.append(f"thin {attribute}={value}: {len(some)} of {len(members)}")
            kept = kept - members | some
        if self._settings.balance:
            groups = self._groups(kept, self._settings.balance)
            least = min(map(len, groups.values()), default=0)
            drawn = [self._draw(group, least, f"balance {value}") for value, group in sorted(groups.items())]
            told.append(f"balance {self._settings.balance}: {least} of each of {', '.join(sorted(groups))}")
            kept = set[str]().union(*drawn)
        if self._settings.count is not None:
            some = self._draw(kept, self._settings.count, "count")
            told.append(f"count: {len(some)} of {len(kept)}")
            kept = some
        return kept

    def _groups(self, names: set[str], attribute: str) -> dict[str, set[str]]:
        column = self._asked.index(attribute)
        groups = defaultdict[str, set[str]](set)
        for name in names:
            groups[self._values[name][column]].add(name)
        return groups

    def _having(self, names: set[str], attribute: str, value: str) -> set[str]:
        groups = self._groups(names, attribute)
        if value not in groups:
            hint = did_you_mean(value, sorted(groups))
            raise DataError(f"no item has {attribute}={value}", hint)
        return groups[value]

    def _draw(self, names: set[str], count: int, purpose: str) -> set[str]:
        return set(ranked(names, self._settings.seed, purpose)[:count])


def held_out(split: str) -> tuple[int, str]:
    """The rank of a split: `test` first, `train` last."""
    return {"test": 0, "train": 2}.get(split, 1), split


def split_by_person(people: Iterable[tuple[str, str]], test_share: float, seed: int) -> dict[str, str]:
    """One split for every identity, from pairs of (identity, published split or nothing).

    The published one where there is one, the most held out where there are several; else a random one,
    exact in its share: at least one person is tested when there are two and the share is above 0.
    """
    published: dict[str, str] = {}
    free: set[str] = set()
    for identity, split in people:
        free.add(identity)
        if split:
            published[identity] = min(split, published.get(identity, split), key=held_out)
    order = ranked(free - published.keys(), seed, "split")
    tested = min(max(round(test_share * len(order)), int(test_share > 0)), len(order) - 1)
    return published | {name: "test" if rank < tested else "train" for rank, name in enumerate(order)}
