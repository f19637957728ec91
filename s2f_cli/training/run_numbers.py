"""The numbered folders of runs: the next one, and the newest."""

import re
from contextlib import suppress
from pathlib import Path

from s2f_cli.core import locks
from s2f_cli.core.errors import RunError, reason_of
from s2f_cli.models.locate import RUNS
from s2f_cli.training.run_settings import SETTINGS

_PATIENCE = 10.0
"""Seconds to wait while other processes choose their run folders."""


def reserve_folder(recipe: str, folder: Path = RUNS) -> Path:
    """Create the folder of the next run of a recipe; processes that do so at once get different numbers."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locks.lock(folder / ".lock", wait=_PATIENCE):
            while True:
                chosen = next_folder(recipe, folder)
                with suppress(FileExistsError):
                    chosen.mkdir()
                    return chosen
    except locks.Held as problem:
        raise RunError(
            f"{folder / '.lock'} is held by {problem.holder}", "delete it if that process does not run"
        ) from None
    except OSError as problem:
        raise RunError(
            f"cannot write {folder}: {reason_of(problem)}", "choose another folder with --output"
        ) from None


def next_folder(recipe: str, folder: Path = RUNS) -> Path:
    """The folder of the next run of a recipe: `runs/0007-NAME` after `runs/0006-…`."""
    numbers = [int(m[0]) for p in folder.glob("*") if (m := re.match(r"\d{4,}(?=-)", p.name))]
    return folder / f"{max(numbers, default=0) + 1:04}-{recipe}"


def newest_run(recipe: str, folder: Path = RUNS) -> Path:
    """The newest run folder of a recipe in `folder`; raises RunError if there is none."""
    for file in sorted(folder.glob(f"*/{SETTINGS}"), key=lambda f: f.stat().st_mtime_ns, reverse=True):
        if file.parent.name.partition("-")[2] == recipe:
            return file.parent
    raise RunError(f"there is no run of {recipe} in {folder} to resume", "start one without --resume")
