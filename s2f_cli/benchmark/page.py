"""A benchmark as files: one self-contained HTML page, CSV and JSON."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from s2f_cli.benchmark import tables
from s2f_cli.benchmark.machine import Machine
from s2f_cli.benchmark.measured import Measured
from s2f_cli.benchmark.plan import DataSet
from s2f_cli.benchmark.samples import People
from s2f_cli.benchmark.tables import Gaps
from s2f_cli.core.version import __version__
from s2f_cli.evaluation import pages

FORMAT = 1


def as_html(
    rows: Sequence[Measured],
    gaps: Gaps,
    people: Mapping[DataSet, People],
    *,
    machine: Machine,
    command: str,
) -> str:
    """For each data set its tables, and a sheet for each direction with the same people by every system."""
    scores, costs = list(tables.score_tables(rows, gaps)), list(tables.cost_tables(rows))
    groups = tables.by_data(rows)
    sections = [
        {
            "title": f"{data.name}, {data.protocol}" if data.protocol else data.name,
            "tables": [t for t in (*scores, *costs) if t.title.startswith(f"{data.name}, ")],
            "sheets": list(_sheets(group, people[data])),
        }
        for data, group in groups.items()
    ]
    return pages.render(
        "benchmark.html.jinja",
        title="s2f benchmark",
        command=command,
        summary=summary(rows, machine),
        sections=sections,
        commands=[line for row in rows for line in row.commands],
    )


def summary(rows: Sequence[Measured], machine: Machine) -> str:
    """How many rows there are in which state, what they have cost, and on what machines."""
    counts = Counter(row.state for row in rows)
    listed = ", ".join(f"{count} {state}" for state, count in counts.items())
    seconds = {} if any(row.spent for row in rows) else {str(machine): 0.0}
    for row in rows:
        if row.spent:
            seconds[row.machine] = seconds.get(row.machine, 0) + row.spent.seconds
    hours = "; ".join(f"{seconds[name] / 3600:.2f} hours of training on {name}" for name in seconds)
    return f"{len(rows)} row{'s' * (len(rows) > 1)}: {listed}. {hours}."


def _sheets(group: Sequence[Measured], people: People) -> Iterator[dict[str, Any]]:
    names = people.names
    for direction in tables.directions(group):
        source, _, target = direction.partition(" → ")
        shown = [
            (row.name, row.samples.thumbnails[direction])
            for row in group
            if row.samples and direction in row.samples.thumbnails
        ]
        strips = [("input", people.thumbnails[source]), ("truth", people.thumbnails[target]), *shown]
        yield {
            "title": f"The same people, {direction}",
            "people": names,
            "rows": [(title, [pictures.get(name) for name in names]) for title, pictures in strips],
        }


def as_csv(rows: Sequence[Measured], gaps: Gaps) -> str:
    """A line for each row and direction."""
    records = tables.records(rows, gaps)
    columns = list(dict.fromkeys(key for record in records for key in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def as_json(rows: Sequence[Measured], gaps: Gaps, *, machine: Machine, command: str) -> str:
    """The records of `as_csv` with the command, the version and the machine; NaN and infinity are null."""
    records = [
        {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in record.items()}
        for record in tables.records(rows, gaps)
    ]
    document = {
        "format": FORMAT,
        "command": command,
        "s2f": __version__,
        "machine": asdict(machine),
        "rows": records,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
