"""Safe unpacking: members cannot escape the folder; links, devices and bombs are refused.

An archive may unpack to at most S2F_MAX_UNPACKED bytes (environment variable, default 200 GB).
"""

import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from s2f_cli.core import settings
from s2f_cli.core.errors import DataError, S2FError, first_line
from s2f_cli.core.files import is_litter

if TYPE_CHECKING:
    import tarfile

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_UNPACKED = settings.whole_number("S2F_MAX_UNPACKED", 200_000_000_000)
MAX_RATIO = 200
"""Largest ratio of unpacked to packed size; archives that unpack to at most 100 MB are exempt."""

_BLOCK = 1 << 20
_UTF8 = 1 << 11
"""The flag of a member of a zip whose name is UTF-8."""
_COLON = re.compile(r"(?<!^[A-Za-z]):")


@dataclass(frozen=True)
class Member:
    """A file in an archive; if its `stream` is None, it is refused for the `reason`."""

    name: str
    size: int
    stream: IO[bytes] | None
    reason: str = ""


def is_archive(file: Path) -> bool:
    """Whether a path is a file with the suffix of an archive."""
    return file.name.lower().endswith(SUFFIXES) and file.is_file()


def unpack(archive: Path, folder: Path) -> dict[str, str]:
    """Unpack an archive into a folder; returns the reason for each refused member, by `ARCHIVE: MEMBER`.

    Raises DataError if the file is not an archive, is damaged, unpacks to more than MAX_UNPACKED bytes, or
    cannot be written to the folder.
    """
    refused: dict[str, str] = {}
    try:
        budget = min(MAX_UNPACKED, max(100_000_000, MAX_RATIO * archive.stat().st_size))
        for member in _members(archive):
            parts = PurePosixPath(member.name).parts
            if any(is_litter(part) and not part.startswith("..") for part in parts):
                continue
            reason = member.reason or _bad_path(member.name)
            if reason or member.stream is None:
                refused[f"{archive}: {member.name}"] = reason
                continue
            if member.size > budget:
                raise DataError(
                    f"{archive} unpacks to too many bytes: it is a bomb or exceeds S2F_MAX_UNPACKED",
                    "if you trust it, unpack it yourself and give the folder instead",
                )
            budget -= _copy(member.stream, member.size, folder / member.name)
    except S2FError:
        raise
    except Exception as problem:  # the decoders raise many kinds for damaged archives, among them OSError
        if isinstance(problem, OSError) and problem.errno:
            raise DataError(
                f"{archive} cannot be unpacked into {folder}: {problem}", "check the space on that disk"
            ) from None
        raise DataError(
            f"{archive} is not a complete archive: {first_line(problem)}", "download it again"
        ) from None
    return refused


def _members(archive: Path) -> Iterator[Member]:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                name = _zip_name(info)
                if not name.endswith("/"):
                    yield _zip_member(packed, info, name)
    else:
        import tarfile

        with tarfile.open(archive) as tape:
            for entry in tape:
                if not entry.isdir():
                    yield _tar_member(tape, entry)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member as its maker meant it.

    Windows PowerShell writes backslashes. macOS writes UTF-8 without the flag that says so, and Python reads
    it as code page 437. A colon, which Windows does not allow, becomes `_`, except after the letter of a
    drive.
    """
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return _COLON.sub("_", name.replace("\\", "/"))


def _zip_member(packed: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Member:
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Member(name, 0, None, "it is a link or a device, not a file")
    if info.flag_bits & 1:
        return Member(name, 0, None, "it is encrypted")
    try:
        return Member(name, info.file_size, packed.open(info))
    except NotImplementedError as problem:
        return Member(name, 0, None, f"{problem}; unpack the archive yourself and name its folder")


def _tar_member(tape: "tarfile.TarFile", entry: "tarfile.TarInfo") -> Member:
    if not entry.isreg():
        return Member(entry.name, 0, None, "it is a link or a device, not a file")
    return Member(_COLON.sub("_", entry.name), entry.size, tape.extractfile(entry))


def _bad_path(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        return "its path leaves the archive"
    if "\\" in name:
        return "its name contains a backslash, which is no separator in a tar archive"
    if any(len(part.encode()) > 200 for part in path.parts):
        return "its name is too long"
    return ""


def _copy(stream: IO[bytes], size: int, target: Path) -> int:
    """Write at most `size` bytes, the declared size of a member; returns the number of bytes written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = size
    with stream, target.open("wb") as file:
        while left and (block := stream.read(min(_BLOCK, left))):
            file.write(block)
            left -= len(block)
    return size - left
