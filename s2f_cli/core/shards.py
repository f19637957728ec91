"""Shards: the parts of one job that several machines do, and the reports from which one is merged.

Which shard an item belongs to is a function of its name, so machines need not talk to each other, and a shard
that is started again finds the same items.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2f_cli.core import documents
from s2f_cli.core.errors import DataError
from s2f_cli.core.files import atomic_write

Record = Mapping[str, Any]
"""What happened to one item, for JSON."""


@dataclass(frozen=True)
class Shard:
    """One of `count` shards; the first has index 0."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `2/8`; raises ValueError for anything else."""
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if match is None or not int(match[1]) < int(match[2]):
            raise ValueError(f"{text!r} is no shard: give I/N, with I from 0 to N-1")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def holds(self, name: str) -> bool:
        """Whether an item belongs to this shard."""
        digest = hashlib.sha256(os.fsencode(name)).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index


def write_report(folder: Path, shard: Shard, records: Iterable[Record]) -> None:
    """Write the records of a finished shard; raises S2FError if that fails."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    atomic_write(_file(folder, shard), lines.encode())


def merged_reports(folder: Path) -> list[Record]:
    """The records of all shards whose reports are in a folder.

    Raises DataError if there are none, if some shards have not finished, or if there are reports of another
    number of shards.
    """
    found = [match for path in folder.glob("s2f-shard-*") if (match := _NAME.fullmatch(path.name))]
    counts = sorted({int(match[2]) for match in found})
    if not counts:
        raise DataError(f"no shard has finished in {folder}", "run the command with --shard I/N first")
    if len(counts) > 1:
        raise DataError(
            f"{folder} has reports of {' and '.join(map(str, counts))} shards",
            "delete the files s2f-shard-* of the older job",
        )
    missing = sorted(set(range(counts[0])) - {int(match[1]) for match in found})
    if missing:
        names = ", ".join(f"{index}/{counts[0]}" for index in missing)
        raise DataError(f"these shards have not finished in {folder}: {names}", "run them, then merge")
    return [
        documents.from_json(line)
        for index in range(counts[0])
        for line in _file(folder, Shard(index, counts[0])).read_text("ascii").splitlines()
    ]


_NAME = re.compile(r"s2f-shard-(\d+)-of-(\d+)\.jsonl")


def _file(folder: Path, shard: Shard) -> Path:
    return folder / f"s2f-shard-{shard.index}-of-{shard.count}.jsonl"
