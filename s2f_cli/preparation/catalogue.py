"""What a journal says was made: names, splits, people, and which pictures are duplicates of each other."""

import base64
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from s2f_cli.images import DOMAINS, Domain
from s2f_cli.preparation import duplicates
from s2f_cli.preparation.choosing import held_out
from s2f_cli.preparation.journal import Journal
from s2f_cli.preparation.settings import Duplicates


@dataclass(frozen=True, slots=True)
class Made:
    """One item that was made, without its pictures."""

    name: str
    split: str
    identity: str
    part: str
    domains: tuple[Domain, ...]
    place: int
    """Where its record is in the journal."""


@dataclass
class Catalogue:
    """All items that were made, and the reasons of those that were not."""

    items: list[Made] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """Items that are duplicates of another, each with a line about it."""
    _seen: dict[Domain, list[tuple[int, str, bytes]]] = field(default_factory=dict)

    @classmethod
    def read(cls, journal: Journal, splits: Mapping[str, str]) -> "Catalogue":
        """The last word of a journal on every item that has a split."""
        last = {record["name"]: place for place, record in journal.records() if record["name"] in splits}
        done = cls(_seen={domain: [] for domain in DOMAINS})
        for place, record in zip(last.values(), journal.read(iter(last.values())), strict=True):
            if "reason" in record:
                done.left_out[record["name"]] = record["reason"]
            else:
                done._add(record, place)
        return done

    def _add(self, record: dict[str, str], place: int) -> None:
        entry, thumbs = json.loads(record["line"]), record["thumbs"]
        for domain, digest in entry["sha256"].items():
            self._seen[domain].append((len(self.items), digest, base64.b64decode(thumbs[domain])))  # type: ignore[index]
        part = entry.get("attributes", {}).get("part", "")
        made = Made(entry["name"], entry["split"], entry["identity"], part, tuple(entry["files"]), place)
        self.items.append(made)

    def drop_duplicates(self, policy: Duplicates) -> list[Made]:
        """Tell the duplicates, and take out those that the policy leaves out; returns these."""
        if policy == "ignore":
            return []
        dropped = set[int]()
        for group, equal in self._groups():
            order = sorted(group, key=lambda position: (held_out(self.items[position].split), position))
            kept = self.items[order[0]]
            for position in order[1:]:
                other = self.items[position]
                out = policy == "all" or other.split != kept.split
                kind = "equal to" if equal else "nearly equal to"
                fate = f"left out of {other.split}" if out else f"both in {other.split}"
                self.told[other.name] = f"{kind} {kept.name} in {kept.split}: {fate}"
                dropped |= {position} if out else set()
        gone = [self.items[position] for position in sorted(dropped)]
        self.items = [made for position, made in enumerate(self.items) if position not in dropped]
        return gone

    def _groups(self) -> list[tuple[list[int], bool]]:
        """Groups of items that are duplicates of each other in either domain, and whether all are equal."""
        leader = list(range(len(self.items)))

        def find(position: int) -> int:
            while leader[position] != position:
                leader[position] = leader[leader[position]]
                position = leader[position]
            return position

        near = set[int]()
        for seen in filter(None, self._seen.values()):
            thumbs = np.frombuffer(b"".join(thumb for _, _, thumb in seen), dtype=np.uint8)
            hashes = [digest for _, digest, _ in seen]
            for pair in duplicates.pairs(hashes, thumbs.reshape(len(seen), -1)):
                first, second = seen[pair.first][0], seen[pair.second][0]
                leader[find(second)] = find(first)
                near |= set() if pair.equal else {first, second}
        groups = defaultdict[int, list[int]](list)
        for position in range(len(self.items)):
            groups[find(position)].append(position)
        return [(group, near.isdisjoint(group)) for group in groups.values() if len(group) > 1]

    def table(self, by_part: bool = False) -> dict[str, dict[str, int]]:
        """Faces, sketches, pairs and people of every split, or of every part."""
        found = defaultdict[str, dict[str, int]](
            lambda: dict.fromkeys(("faces", "sketches", "pairs", "people"), 0)
        )
        people = defaultdict[str, set[str]](set)
        for made in self.items:
            key = made.part if by_part else made.split
            row = found[key]
            row["faces"] += "face" in made.domains
            row["sketches"] += "sketch" in made.domains
            row["pairs"] += len(made.domains) == 2
            people[key].add(made.identity)
        return {key: found[key] | {"people": len(people[key])} for key in sorted(found)}
