"""What `s2f translate` prints on stdout: the paths of results, or a line of JSON for each input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import Job, numbered


class Records:
    """What became of the inputs, told as it happens."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.failures: dict[str, str] = {}
        """The inputs that failed, with the reason."""

    def done(self, source: Path, files: Sequence[Path], **more: Any) -> None:
        """An input and its results; `more` is only in the JSON."""
        if self._as_json:
            outputs = [str(file) for file in files]
            console.print_json_line({"input": str(source), "outputs": outputs, **more})
            return
        for file in files:
            console.print_path(file)

    def together(self, file: Path) -> None:
        """A result of all inputs together."""
        if self._as_json:
            console.print_json_line({"input": None, "outputs": [str(file)]})
        else:
            console.print_path(file)

    def fail(self, source: Path | str, reason: str) -> None:
        """An input that failed."""
        self.failures[str(source)] = reason
        if self._as_json:
            console.print_json_line({"input": str(source), "outputs": [], "error": reason})

    def skip(self, jobs: Sequence[Job], samples: int) -> None:
        """Inputs whose results are there already."""
        if jobs:
            console.say(f"{len(jobs)} results are there already (--overwrite makes them anew)")
        for source, target in jobs if self._as_json else ():
            outputs = [str(file) for file in numbered(target, samples)]
            console.print_json_line({"input": str(source), "outputs": outputs, "skipped": True})
