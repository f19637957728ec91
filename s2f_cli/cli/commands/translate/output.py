"""Output of `s2f translate` on stdout: the paths of results, or a line of JSON per input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import Naming, Task

_NAMED = 5
"""The number of inputs that are named for each doubt."""


class ResultPrinter:
    """Prints results as they are written, and collects the failures."""

    def __init__(self, as_json: bool, named: Callable[[str], str] = str) -> None:
        """`named` replaces local paths in names and reasons by those that the user knows."""
        self._as_json, self._named = as_json, named
        self.records: list[dict[str, Any]] = []
        """What happened to each input, as printed with --json."""
        self._doubts = Counter[str]()
        self.failures: dict[str, str] = {}
        """Inputs that failed, with the reason."""

    def translated(self, source: Path, files: Sequence[Path], details: Mapping[str, Any]) -> None:
        """Print the results of an input, with JSON including `details`."""
        outputs = [self._named(str(file)) for file in files]
        self._record({"input": self._named(str(source)), "outputs": outputs, **details})
        for file in outputs if not self._as_json else ():
            console.print_name(file)

    def shared(self, file: Path) -> None:
        """Print a file that belongs to all inputs."""
        if self._as_json:
            console.print_json_line({"input": None, "outputs": [str(file)]})
        else:
            console.print_path(file)

    def doubted(self, source: Path, doubts: Sequence[str]) -> None:
        """Say what is doubtful about an input; of each doubt, only the first inputs are named."""
        for doubt in doubts:
            self._doubts[doubt] += 1
            if self._doubts[doubt] <= _NAMED:
                console.say(f"{self._named(str(source))}: {doubt}")

    def finish(self) -> None:
        """Say how many further inputs are doubtful."""
        for doubt, count in self._doubts.items():
            if count > _NAMED:
                console.say(f"and {count - _NAMED} more: {doubt}")

    def failed(self, source: Path | str, reason: str) -> None:
        """Collect an input that failed; with JSON, print it."""
        source, reason = self._named(str(source)), self._named(reason)
        self.failures[source] = reason
        self._record({"input": source, "outputs": [], "error": reason})

    def skipped(self, tasks: Sequence[Task], naming: Naming) -> None:
        """Report how many inputs already have results; with JSON, print each."""
        if tasks:
            console.say(
                f"{len(tasks)} results already exist with these settings (use --overwrite to redo them)"
            )
        for source, target in tasks:
            outputs = [self._named(str(file)) for file in naming.results(target)]
            self._record({"input": self._named(str(source)), "outputs": outputs, "skipped": True})

    def _record(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        if self._as_json:
            console.print_json_line(record)
