"""Output of `s2f translate` on stdout: the paths of results, or a line of JSON per input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import Naming, Task
from s2f_cli.cli.outputs import say_skipped
from s2f_cli.core.remote_copies import shown

_NAMED = 5
"""The number of inputs that are named for each doubt."""


class ResultPrinter:
    """Prints results as they are written, and collects the failures."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.records: list[dict[str, Any]] = []
        """What happened to each input, as printed with --json."""
        self._doubts = Counter[str]()
        self.failures: dict[str, str] = {}
        """Inputs that failed, with the reason."""

    def translated(self, source: Path | str, files: Sequence[Path | str], details: Mapping[str, Any]) -> None:
        """Print the results of an input, with JSON including `details`."""
        outputs = [shown(str(file)) for file in files]
        self._record({"input": shown(str(source)), "outputs": outputs, **details})
        for file in outputs if not self._as_json else ():
            console.print_name(file)

    def shared(self, file: Path) -> None:
        """Print a file that belongs to all inputs."""
        if self._as_json:
            console.print_json_line({"input": None, "outputs": [str(file)]})
        else:
            console.print_path(file)

    def doubted(self, source: Path | str, doubts: Sequence[str]) -> None:
        """Say what is doubtful about an input; of each doubt, only the first inputs are named."""
        for doubt in doubts:
            self._doubts[doubt] += 1
            if self._doubts[doubt] <= _NAMED:
                console.say(f"{source}: {doubt}")

    def finish(self) -> None:
        """Say how many further inputs are doubtful."""
        for doubt, count in self._doubts.items():
            if count > _NAMED:
                console.say(f"and {count - _NAMED} more: {doubt}")

    def failed(self, source: Path | str, reason: str) -> None:
        """Collect an input that failed; with JSON, print it."""
        source, reason = shown(str(source)), shown(reason)
        self.failures[source] = reason
        self._record({"input": source, "outputs": [], "error": reason})

    def skipped(self, tasks: Sequence[Task], naming: Naming) -> None:
        """Report how many inputs already have results; with JSON, print each."""
        say_skipped(len(tasks), "results")
        for source, target in tasks:
            outputs = [shown(str(file)) for file in naming.results(target)]
            self._record({"input": shown(str(source)), "outputs": outputs, "skipped": True})

    def replay(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Print what happened elsewhere to some inputs; inputs whose results exist are counted."""
        skipped = 0
        for record in records:
            details = {key: value for key, value in record.items() if key not in ("input", "outputs")}
            if "error" in record:
                self.failed(record["input"], record["error"])
            elif record.get("skipped"):
                skipped += 1
                self._record(dict(record))
            else:
                self.doubted(record["input"], record.get("doubts", ()))
                self.translated(record["input"], record["outputs"], details)
        say_skipped(skipped, "results")

    def _record(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        if self._as_json:
            console.print_json_line(record)
