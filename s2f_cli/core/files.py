"""Files written whole or not at all, and found without holding their names."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import S2FError

_MARK = ".s2f-"
_SAFETENSORS = ".tmp" + "[0-9A-Za-z]" * 6
"""What safetensors, from 0.8 on, calls a file beside the one that it was asked to write."""


@contextmanager
def atomic_file(path: Path, flush: bool = True) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends, and vanishes if it fails.

    Makes missing parent folders. What stood at `path` before stays until the new file is complete and on
    disk. Without `flush` it is not waited for the disk: a kill still leaves the old file or the new one, but
    a power cut may leave an empty one.

    Raises S2FError naming `path` when the folder cannot be written or the disk is full.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f"{_MARK}{path.name[:40]}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        if flush:
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        temporary.replace(path)
        temporary = None
    except OSError as problem:
        raise S2FError(
            f"cannot write {path}: {problem.strerror or problem}",
            "check that the folder exists, is writable and has room; what was there before is unchanged",
        ) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def atomic_write(path: Path, content: bytes | str, flush: bool = True) -> None:
    """Write bytes, or text as UTF-8, to `path` whole or not at all; raises S2FError as `whole_file` does."""
    # Not opened with "wb": ext4 waits for the disk when a file that was cut to nothing is closed.
    with atomic_file(path, flush) as temporary, temporary.open("rb+") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_left_out(folder: Path, left_out: Mapping[str, str]) -> None:
    """Write `left_out.csv`, the files of a batch that were left out with the reasons; none, no file."""
    table = folder / "left_out.csv"
    if not left_out:
        table.unlink(missing_ok=True)
        return
    rows = io.StringIO(newline="")
    csv.writer(rows).writerows([("file", "reason"), *left_out.items()])
    atomic_write(table, rows.getvalue().encode("utf-8", "surrogateescape"))


def walk(folder: Path) -> Iterator[tuple[str, str]]:
    """All that is below a folder but folders, with its kind, sorted folder by folder; hidden ones are passed
    over.

    Names are relative to the folder, with forward slashes. Kinds: `file` (or a link to one), `a link to a
    folder` and `a link that leads nowhere`, which are not followed: they could lead in a circle.
    """
    found = DiskMultimap()
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                found.add(entry.name, _kind(entry))
    for name, (kind,) in found:
        if kind == "folder":
            yield from ((f"{name}/{below}", its) for below, its in walk(folder / name))
        elif kind:
            yield name, kind


def _kind(entry: "os.DirEntry[str]") -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    if entry.is_file():
        return "file"
    if not entry.is_symlink():
        return ""
    return "a link to a folder" if entry.is_dir() else "a link that leads nowhere"


def remove_stale_temporaries(folder: Path) -> None:
    """Delete what processes that were killed while they wrote a file below `folder` left of it."""
    for mark in (f"{_MARK}*", _SAFETENSORS):
        for left in folder.rglob(mark):
            left.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
