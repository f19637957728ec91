"""Atomic writes, and a walk through a folder in constant memory."""

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
"""Glob pattern of the temporary files of safetensors, from version 0.8 on."""


@contextmanager
def atomic_file(path: Path, flush: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block ends, and is deleted if it fails.

    Missing parent folders are created. The old file stays until the new one is complete and flushed to disk.
    Without `flush`, a kill still leaves either the old or the new file, but a power cut may leave an empty
    one.

    Raises S2FError naming `path` if the folder is not writable or the disk is full.
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
            "check that the folder is writable and the disk has space; an existing file is unchanged",
        ) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def atomic_write(path: Path, content: bytes | str, flush: bool = True) -> None:
    """Write bytes, or text as UTF-8, to `path` as `atomic_file` does; raises S2FError like it."""
    # Not opened with "wb": ext4 flushes a truncated file when it is closed.
    with atomic_file(path, flush) as temporary, temporary.open("rb+") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_left_out(folder: Path, left_out: Mapping[str, str]) -> None:
    """Write `left_out.csv`, a row per left-out file with the reason; delete it if there are none."""
    table = folder / "left_out.csv"
    if not left_out:
        table.unlink(missing_ok=True)
        return
    rows = io.StringIO(newline="")
    csv.writer(rows).writerows([("file", "reason"), *left_out.items()])
    atomic_write(table, rows.getvalue().encode("utf-8", "surrogateescape"))


def walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every non-hidden file below a folder with its kind, sorted within each folder.

    Names are relative to the folder, with forward slashes. The kinds are `file` (also for a link to a file),
    `a link to a folder` and `a link that leads nowhere`. Links to folders are not followed, because they may
    be circular.
    """
    kinds = DiskMultimap()
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                kinds.add(entry.name, _kind(entry))
    for name, (kind,) in kinds:
        if kind == "folder":
            yield from ((f"{name}/{below}", kind_below) for below, kind_below in walk(folder / name))
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
    """Delete the temporary files below `folder` of processes that were killed while writing."""
    for pattern in (f"{_MARK}*", _SAFETENSORS):
        for temporary in folder.rglob(pattern):
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
