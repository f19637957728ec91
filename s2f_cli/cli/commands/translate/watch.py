"""`s2f translate --watch`: on with what appears in folders, until Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import Plan
from s2f_cli.core import images
from s2f_cli.core.errors import ImageError

if TYPE_CHECKING:
    from s2f_cli.cli.commands.translate.batch import Batch
    from s2f_cli.cli.commands.translate.naming import Naming, Source

SECONDS = 0.5
"""Between two looks."""

_Stamp = tuple[int, int]
"""A file's size in bytes and its time."""


class Watching:
    """Folders, and what of them was there at the last look."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._seen: dict[Path, _Stamp] = {}
        self._taken: dict[Path, _Stamp] = {}

    def settled(self) -> list[Source]:
        """The images that came, or changed, and have not changed since the last look: none half written."""
        now: dict[Path, tuple[_Stamp, Path]] = {}
        for folder in self._folders:
            try:
                for file in images.find_images(folder):
                    told = file.stat()
                    now[file] = (told.st_size, told.st_mtime_ns), folder
            except (ImageError, OSError):  # empty, or a file went while it was looked at
                continue
        still = [
            (file, root)
            for file, (stamp, root) in now.items()
            if self._seen.get(file) == stamp and self._taken.get(file) != stamp
        ]
        self._taken |= {file: now[file][0] for file, _ in still}
        self._seen = {file: stamp for file, (stamp, _) in now.items()}
        return still


def watch(batch: Batch, naming: Naming, folders: list[Path]) -> None:
    """Translate what is in the folders and what appears there; ends by Ctrl-C, with its exit code."""
    watching = Watching(folders)
    console.say(f"watching {', '.join(map(str, folders))} (Ctrl-C ends it)")
    try:
        while True:
            plan = Plan()
            naming.add(plan, [one for one in watching.settled() if not naming.is_result(one[0])])
            if plan.jobs:
                batch.run(plan.jobs)
            for source, reason in plan.failures.items():
                batch.records.fail(source, reason)
            console.print_failures(batch.records.failures)
            batch.records.failures.clear()
            time.sleep(SECONDS)
    except KeyboardInterrupt:
        raise typer.Exit(console.INTERRUPTED) from None
