"""`s2f translate --watch`: translates files that appear in folders, until Ctrl-C."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from s2f_cli.cli import console
from s2f_cli.cli.commands.translate.naming import VIDEO, Input
from s2f_cli.core.image_folder import walk_images

if TYPE_CHECKING:
    from s2f_cli.cli.commands.translate.batch import ImageBatch
    from s2f_cli.cli.commands.translate.naming import Naming

INTERVAL = 0.5
"""Seconds between two scans."""

_Stamp = tuple[int, int]
"""A file's size in bytes and its modification time in nanoseconds."""


class Watcher:
    """Finds new and changed images in folders by scanning them repeatedly."""

    def __init__(self, folders: list[Path], output: Path | None = None) -> None:
        self._folders, self._output = folders, output
        self._previous: dict[Path, _Stamp] = {}
        """The files of the previous scan."""
        self._returned: dict[Path, _Stamp] = {}
        self._named: set[str] = set()
        self.left_out: dict[str, str] = {}
        """Files and folders that the last scan found for the first time and cannot use, with the reason."""

    def scan(self) -> list[Input]:
        """Return new or changed images that are unchanged since the previous scan, so are fully written."""
        current: dict[Path, _Stamp] = {}
        roots: dict[Path, Path] = {}
        left_out: dict[str, str] = {}
        for folder in self._folders:
            for name, reason in walk_images(folder, self._output, videos=VIDEO):
                file = folder / name
                if reason:
                    left_out[str(file)] = reason
                    continue
                with suppress(OSError):  # it disappeared during the scan
                    status = file.stat()
                    current[file], roots[file] = (status.st_size, status.st_mtime_ns), folder
        self.left_out = {name: reason for name, reason in left_out.items() if name not in self._named}
        self._named = set(left_out)
        settled = [
            Input(file, roots[file])
            for file, stamp in current.items()
            if self._previous.get(file) == stamp and self._returned.get(file) != stamp
        ]
        self._returned |= {file: current[file] for file, _ in settled}
        self._previous = current
        return settled


def watch(batch: ImageBatch, naming: Naming, folders: list[Path]) -> None:
    """Translate the images in folders and those that appear there; Ctrl-C exits with code 130."""
    watcher = Watcher(folders, naming.output)
    redo = replace(naming, overwrite=True)
    translated: set[Path] = set()
    console.say(f"watching {', '.join(map(str, folders))} (stop with Ctrl-C)")
    try:
        while True:
            found = [entry for entry in watcher.scan() if not naming.is_result(entry.file)]
            plan = naming.plan_files([entry for entry in found if entry.file not in translated])
            changed = redo.plan_files([entry for entry in found if entry.file in translated])
            translated.update(entry.file for entry in found)
            if plan.images or changed.images:
                batch.run([*plan.images, *changed.images])
            failures = naming.without_results(watcher.left_out) | plan.failures | changed.failures
            for source, reason in failures.items():
                batch.printer.failed(source, reason)
            console.print_failures(batch.printer.failures)
            batch.printer.failures.clear()
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        raise typer.Exit(console.INTERRUPTED) from None
