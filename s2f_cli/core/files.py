"""Atomic writes, and a walk through a folder in constant memory."""

import csv
import io
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import S2FError, reason_of

_MARK = ".s2f-"
_SAFETENSORS = ".tmp" + "[0-9A-Za-z]" * 6
"""Glob pattern of the temporary files of safetensors, from version 0.8 on."""
_LITTER = frozenset(
    {
        "__macosx",  # macOS, in archives
        "@eadir",  # Synology: thumbnails
        "#recycle",
        "#snapshot",
        "@recycle",  # QNAP
        "@recently-snapshot",
        "$recycle.bin",  # Windows
        "system volume information",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",  # macOS
        "lost+found",
    }
)
"""Names of files and folders that systems and storage devices add, in lower case."""


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
        temporary, mode = _temporary(path)
        yield temporary
        if (
            temporary.stat().st_mode != mode
        ):  # safetensors replaces the file by one that only its owner may read
            temporary.chmod(mode)
        if flush:
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        temporary.replace(path)
        temporary = None
    except OSError as problem:
        if blocking := next(filter(Path.is_file, path.parents), None):
            message = f"cannot write {path}: {blocking} is a file, not a folder"
            raise S2FError(message, "choose another folder") from problem
        raise S2FError(
            f"cannot write {path}: {reason_of(problem)}",
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


def is_litter(name: str) -> bool:
    """Whether a name is hidden, or that of a file or folder that systems and storage devices add."""
    return name.startswith(".") or name.casefold() in _LITTER


def walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file below a folder with its kind, sorted within each folder; litter is ignored.

    Names are relative to the folder, with forward slashes; `.` is the folder itself. The kind is `file` (also
    for a link to a file), or says why the entry cannot be used: `a link to a folder`, `a link that leads
    nowhere`, `a folder that cannot be read`, `neither a file nor a folder`. Links to folders are not
    followed, because they may be circular.
    """
    kinds = DiskMultimap()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not is_litter(entry.name):
                    kinds.add(entry.name, _kind(entry))
    except OSError as problem:
        yield ".", f"a folder that cannot be read ({reason_of(problem)})"
    for name, (kind,) in kinds:
        if kind == "folder":
            for below, kind_below in walk(folder / name):
                yield name if below == "." else f"{name}/{below}", kind_below
        else:
            yield name, kind


def _kind(entry: "os.DirEntry[str]") -> str:
    try:
        if entry.is_dir(follow_symlinks=False):
            return "folder"
        if entry.is_file():
            return "file"
        if not entry.is_symlink():
            return "neither a file nor a folder"
        return "a link to a folder" if entry.is_dir() else "a link that leads nowhere"
    except OSError as problem:
        return f"an entry that cannot be read ({reason_of(problem)})"


def remove_stale_temporaries(folder: Path) -> None:
    """Delete the temporary files below `folder` of processes that were killed while writing."""
    for pattern in (f"{_MARK}*", _SAFETENSORS):
        for temporary in folder.rglob(pattern):
            temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> tuple[Path, int]:
    """Create a temporary file beside `path`, with the permissions of the umask; returns it and its mode."""
    while True:
        temporary = path.with_name(f"{_MARK}{_shortened(path.stem)}.{secrets.token_hex(4)}{path.suffix}")
        try:
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        except FileExistsError:
            continue
        mode = os.fstat(handle).st_mode
        os.close(handle)
        return temporary, mode


def _shortened(stem: str) -> str:
    return stem.encode("utf-8", "surrogateescape")[:40].decode("utf-8", "ignore")
