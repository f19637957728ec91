"""The folder of a data set: the unfinished set beside it, and the move to its final place."""

import os
import shutil
from pathlib import Path

from s2f_cli.core.errors import DataError
from s2f_cli.data.manifest import FILE
from s2f_cli.data.preparation.ledger import Ledger

_KEPT = "SELECT 1 FROM chosen JOIN pictures USING (name) WHERE file_name = ? AND file = ?"


def check(output: Path, overwrite: bool) -> None:
    """Raise DataError if `output` is taken, unless it is a data set and `overwrite` allows replacing it."""
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    if not (output / FILE).is_file():
        raise DataError(
            f"{output} exists and is not a data set of s2f, so s2f does not replace it",
            "choose another folder with --output",
        )
    if not overwrite:
        raise DataError(
            f"{output} already holds a data set",
            "use --overwrite to replace it, or choose another folder with --output",
        )


def workspace(output: Path) -> Path:
    """The temporary folder beside `output` in which it is prepared."""
    return output.parent / f".{output.name}.preparing"


def remove_strays(folder: Path, ledger: Ledger) -> None:
    """Remove the images of dropped items, and those that only an interrupted earlier run needed."""
    for images in folder.glob("*/*/"):
        inside = images.relative_to(folder).as_posix()
        with os.scandir(images) as entries:
            for entry in entries:
                name = entry.name.rpartition(".")[0].casefold()
                if not ledger.row(_KEPT, name, f"{inside}/{entry.name}"):
                    (images / entry.name).unlink()


def publish(new: Path, output: Path) -> None:
    """Move the folder `new` to `output`; an older data set is removed after the new one is in place."""
    old = output.parent / f".{output.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if output.exists():
        output.rename(old)
    new.rename(output)
    shutil.rmtree(old, ignore_errors=True)
