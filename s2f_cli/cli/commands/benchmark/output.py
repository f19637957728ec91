"""Works off the rows of a benchmark, and writes its files after each."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from s2f_cli.benchmark import checks, measured, page, rows_file, samples, tables, work
from s2f_cli.benchmark.machine import Machine, this_machine
from s2f_cli.benchmark.measured import Measured
from s2f_cli.benchmark.plan import DataSet, Plan, Row
from s2f_cli.benchmark.processes import Processes, work_off
from s2f_cli.benchmark.samples import People
from s2f_cli.benchmark.tables import Gaps
from s2f_cli.cli import console
from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_write
from s2f_cli.core.parallel import Engine


def run(
    plan: Plan, data: Sequence[DataSet], *, add: Sequence[Path], jobs: int, engine: Engine, people: int
) -> None:
    """Check all rows, then train and score those that are not done; exits 1 if one has failed."""
    checks.check_folder(plan.folder)
    truths = {one: checks.truth_of(one) for one in data}
    for row in plan.rows:
        checks.check(plan, row, truths[row.data])
    joined = rows_file.join(plan, data, add)
    for line in joined.left_out:
        console.say(f"not added: {line}")
    plan = joined.plan
    shown = {one: People.of(truth, people) for one, truth in truths.items()}
    report = _Report(plan, joined.added, shown)
    report.write()
    pending = [row for row in plan.rows if not report.has(row)]
    done = len(plan.rows) - len(pending)
    if done:
        console.say(f"{done} of {len(plan.rows)} rows are done already")
    gpu = plan.device != "cpu"
    with closing(work_off(partial(_complete, plan), pending, jobs, engine, gpu=gpu)) as outcomes:
        for number, (row, outcome) in enumerate(outcomes, start=done + 1):
            if outcome.state == "scored":
                _sample(plan, row, shown[row.data])
            report.update(row)
            reason = f": {outcome.reason}" if outcome.reason else ""
            console.say(f"{number}/{len(plan.rows)} {row.title}: {outcome.state}{reason}")
    console.print_path(plan.folder / "index.html")
    console.end_batch({row.row.key: row.reason for row in report.rows if row.state != "scored"})


def _complete(plan: Plan, row: Row, processes: Processes) -> work.Outcome:
    return work.complete(plan, row, processes)


def _sample(plan: Plan, row: Row, people: People) -> None:
    if people.truth.people:
        try:
            samples.write(plan, row, people)
        except S2FError as problem:
            console.say(f"{row.title}: no samples: {problem.line}")


class _Report:
    """The files of a benchmark, with what is known of its rows."""

    def __init__(self, plan: Plan, added: Mapping[Row, Measured], people: Mapping[DataSet, People]) -> None:
        self._plan, self._added, self._people, self._gaps = plan, added, people, Gaps()
        self._machine = this_machine(plan.device)
        self._known: dict[Row, Measured] = {row: added.get(row) or self._read(row) for row in plan.rows}

    def _read(self, row: Row) -> Measured:
        return measured.read(self._plan, row, str(self._machine))

    @property
    def rows(self) -> Sequence[Measured]:
        """The rows in the order of the tables."""
        return list(self._known.values())

    def has(self, row: Row) -> bool:
        """Whether a row comes from a file, or is scored, with samples if there are people to show."""
        known = self._known[row]
        if row in self._added:
            return True
        return known.state == "scored" and bool(known.samples or not self._people[row.data].truth.people)

    def update(self, row: Row) -> None:
        """Read a row again, and write all files."""
        self._known[row] = self._read(row)
        self.write()

    def write(self) -> None:
        """Write all files."""
        command = shlex.join(["s2f", *sys.argv[1:]])
        folder, rows, gaps, machine = self._plan.folder, self.rows, self._gaps, self._machine
        html = page.as_html(rows, gaps, self._people, machine=machine, command=command)
        atomic_write(folder / "index.html", _encoded(html))
        atomic_write(folder / "table.csv", _encoded(page.as_csv(rows, gaps)))
        document = page.as_json(rows, gaps, machine=machine, command=command)
        atomic_write(folder / "results.json", _encoded(document))
        atomic_write(folder / "table.md", _encoded(_markdown(rows, gaps, machine, command)))
        atomic_write(folder / rows_file.FILE, rows_file.as_bytes(rows, self._plan))


def _markdown(rows: Sequence[Measured], gaps: Gaps, machine: Machine, command: str) -> str:
    """The tables in Markdown, the best scores in bold, below the command that made them."""
    blocks = [f"    {command}", console.markdown_text(page.summary(rows, machine))]
    for table in (*tables.score_tables(rows, gaps), *tables.cost_tables(rows)):
        cells = [[f"**{cell.text}**" if cell.best else cell.text for cell in row] for row in table.rows]
        blocks += [f"### {console.markdown_text(table.title)}", console.markdown(table.columns, cells)]
        blocks.append("\n".join(f"- {console.markdown_text(line)}" for line in table.legend))
    return "\n\n".join(blocks) + "\n"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
