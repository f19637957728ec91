"""The log of a run: a line of JSON for each logged step, and for each evaluation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from s2f_cli.core import documents

LOG = "log.jsonl"


def records(run: Path) -> Iterator[dict[str, Any]]:
    """The records of a run folder; none without a log.

    Lines that are no records of a step are skipped, such as the broken one that a kill leaves.
    """
    file = run / LOG
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            record = documents.from_json(line)
        except ValueError:
            continue
        if isinstance(record, dict) and type(record.get("step")) is int:
            yield record
