"""Unpacks archives that are given as options of a source."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

from s2f_cli.core import archives, documents
from s2f_cli.core.files import atomic_write
from s2f_cli.data.source import Source


def unpack_archives(source: Source, folder: Path) -> tuple[Source, dict[str, str]]:
    """Unpack the archives of a source; returns the source with their folders below `folder` in their place.

    An archive is not unpacked again unless its size or time changed. The second value names the refused
    members, with the reason.

    Raises DataError for a damaged archive or one that is too large.
    """
    unpacked: dict[str, Path] = {}
    refused: dict[str, str] = {}
    for option in fields(source):  # type: ignore[arg-type]
        archive = getattr(source, option.name)
        if isinstance(archive, Path) and archives.is_archive(archive):
            unpacked[option.name] = folder / option.name
            refused |= _unpack_once(archive, folder / option.name)
    return replace(source, **unpacked), refused  # type: ignore[type-var]


def by_archive(text: str, *, source: Source, unpacked: Source) -> str:
    """A message in which the folders that archives were unpacked to are called by the archives' names.

    `set.zip: faces/a.png` instead of a path in a folder that is removed at the end.
    """
    for option in fields(source):  # type: ignore[arg-type]
        archive, folder = getattr(source, option.name), getattr(unpacked, option.name)
        if archive != folder:
            text = text.replace(f"{folder}{os.sep}", f"{archive}: ").replace(str(folder), str(archive))
    return text


def _unpack_once(archive: Path, folder: Path) -> dict[str, str]:
    note = folder.with_name(f"{folder.name}.json")
    version = [archive.stat().st_size, archive.stat().st_mtime_ns]
    noted = {}
    with suppress(OSError, ValueError):
        noted = documents.from_json(note.read_bytes())
    if noted.get("version") != version:
        shutil.rmtree(folder, ignore_errors=True)
        noted = {"version": version, "refused": archives.unpack(archive, folder)}
        atomic_write(note, json.dumps(noted))
    refused: dict[str, str] = noted["refused"]
    return refused
