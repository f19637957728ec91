"""Find runs by name, and delete them. Imports no torch."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from s2f_cli.core import registry
from s2f_cli.core.errors import RunError
from s2f_cli.models.locate import RUNS
from s2f_cli.training.run_lock import check_not_training
from s2f_cli.training.run_settings import SETTINGS
from s2f_cli.training.run_summary import runs_below


def find(name: Path, folder: Path = RUNS) -> Path:
    """The folder of a run, from its path, its name in `folder`, or the start of only one name.

    Raises RunError, with the nearest name, if there is none.
    """
    if name.is_dir():
        return name
    if (folder / name).is_dir():
        return folder / name
    known = names(folder)
    starting = [run for run in known if run.startswith(str(name))]
    if len(starting) == 1:
        return folder / starting[0]
    raise RunError(f"there is no run {str(name)!r} in {folder}", registry.did_you_mean(str(name), known))


def names(folder: Path = RUNS) -> list[str]:
    """The names of the runs in a folder, including those in subfolders, as `find` takes them."""
    return [run.relative_to(folder).as_posix() for run in runs_below(folder)]


def remove(folder: Path) -> Iterator[Path]:
    """Delete a run, or all runs of a sweep; yields the folder of each after it is deleted.

    Raises RunError, before anything is deleted, if the folder holds no run or one is being trained.
    """
    runs = [folder] if (folder / SETTINGS).exists() else list(runs_below(folder))
    if not runs:
        raise RunError(f"{folder} holds no run", "name a run that `s2f runs list` lists")
    for run in runs:
        check_not_training(run)
    for run in runs:
        shutil.rmtree(run)
        yield run
    if folder not in runs:
        with suppress(OSError):  # it may hold other files
            folder.rmdir()
