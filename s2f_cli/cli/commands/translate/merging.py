"""The one report of a translation that several machines did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2f_cli.cli import console, outputs
from s2f_cli.cli.commands.translate import mirror
from s2f_cli.core import remote, shards

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from s2f_cli.cli.commands.translate.naming import Naming


def merge(naming: Naming, inputs: Sequence[Path], folder: Path, as_json: bool) -> None:
    """Print the records of all shards in the order of their inputs; exit 1 if an input has no result.

    Raises DataError if a shard has not finished.
    """
    with mirror.reports(folder) as here:
        records = {str(record["input"]): record for record in shards.merged_reports(here)}
    failures = {name: str(record["error"]) for name, record in records.items() if "error" in record}
    for name in in_order(planned(naming, inputs), records):
        if name not in records:
            failures[name] = "it was added after the shards had started"
        elif as_json:
            console.print_json_line(records[name])
        else:
            for file in records[name]["outputs"]:
                console.print_name(file)
    console.end_batch(failures)


def planned(naming: Naming, inputs: Sequence[Path]) -> list[str]:
    """The names of the inputs in the order in which one machine would print them."""
    if remote.is_url(inputs[0]):
        return mirror.names(inputs)
    plan = naming.plan(inputs)
    outputs.say_unknown(plan.unknown)
    return [
        *(str(source) for source, _ in plan.skipped),
        *plan.failures,
        *(str(source) for source, _ in (*plan.images, *plan.videos)),
    ]


def in_order(names: Sequence[str], found: Collection[str]) -> list[str]:
    """The planned names, and then others that were found."""
    return [*names, *sorted(set(found) - set(names))]
