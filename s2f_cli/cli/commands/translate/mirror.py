"""Inputs and results in object stores: copied here, translated, and copied back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from s2f_cli.core import formats, remote, remote_copies

if TYPE_CHECKING:
    from s2f_cli.core.shards import Shard


@dataclass
class Mirror:
    """Local paths in place of URLs."""

    inputs: list[Path]
    output: Path | None
    shard: Shard | None
    """The shard of the local inputs that is left to choose; None if its inputs are chosen."""


def is_needed(inputs: Sequence[Path], output: Path | None) -> bool:
    """Whether a path is a URL."""
    return any(map(remote.is_url, [*inputs, *([output] if output is not None else [])]))


@contextmanager
def mirrored(inputs: Sequence[Path], output: Path | None, to: str, shard: Shard | None) -> Iterator[Mirror]:
    """Copy remote inputs, and their results so far, to a temporary folder; copy new results back at the end.

    Only the inputs of a shard are copied. Results are copied back also after an error. Raises S2FError if a
    store cannot be read or written, BadParameter if remote inputs have no output or mix with local ones.
    """
    if not is_needed(inputs, output):
        yield Mirror(list(inputs), output, shard)
        return
    if output is None:
        raise typer.BadParameter("results of remote inputs need an --output")
    if len({remote.is_url(path) for path in inputs}) > 1:
        raise typer.BadParameter("remote and local inputs do not mix: use two commands")
    with TemporaryDirectory(prefix="s2f-") as folder:
        here = Path(folder)
        mirror = Mirror(list(inputs), output, shard)
        if remote.is_url(inputs[0]):
            mirror.inputs, mirror.shard = [], None
            for number, path in enumerate(inputs):
                url = remote.url_of(path)
                mirror.inputs += _fetch(url, here / f"in-{number}", shard)
        if not remote.is_url(output):
            yield mirror
            return
        url, mirror.output = remote.url_of(output), here / "out"
        mirror.output.mkdir()
        remote_copies.show(mirror.output, url)
        before = _fetch_results(url, mirror, to)
        try:
            yield mirror
        finally:
            written = remote_copies.written(mirror.output)
            remote.upload(mirror.output, [n for n in written if written[n] != before.get(n)], url)


def names(inputs: Sequence[Path]) -> list[str]:
    """The URLs of the images of remote inputs."""
    found = []
    for path in inputs:
        url = remote.url_of(path)
        found += [f"{url}/{name}" if name else url for name in remote.files(url) if _is_image(name or url)]
    return found


@contextmanager
def reports(output: Path) -> Iterator[Path]:
    """A local folder with the reports of shards in `output`."""
    if not remote.is_url(output):
        yield output
        return
    url = remote.url_of(output)
    with TemporaryDirectory(prefix="s2f-") as folder:
        found = remote.files(url) if remote.exists(url) else []
        remote.download(url, [name for name in found if name.startswith("s2f-shard-")], Path(folder))
        yield Path(folder)


def _fetch(url: str, folder: Path, shard: Shard | None) -> list[Path]:
    """Copy the images below a URL, or a single one; returns the folder or the file, if the shard has any."""
    folder.mkdir()
    found = remote.files(url)
    if found == [""]:
        url, _, name = url.rpartition("/")
        found = [name]
        single = folder / name
    else:
        single = folder
    remote_copies.show(folder, url)
    kept = [n for n in found if _is_image(n) and (shard is None or shard.holds(f"{url}/{n}"))]
    remote.download(url, kept, folder)
    for name in kept:
        os.utime(folder / name, (0, 0))  # else a copy is newer than the results of its image
    return [single] if kept or shard is None else []


def _fetch_results(url: str, mirror: Mirror, to: str) -> dict[str, int]:
    """Copy the results that exist of the inputs, so that they are not made twice; returns their times."""
    output = mirror.output
    assert output is not None
    roots = [path if path.is_dir() else path.parent for path in mirror.inputs]
    stems = {
        file.relative_to(root).with_suffix("").as_posix()
        for root in roots
        for file in root.rglob("*")
        if file.is_file()
    }
    result = re.compile(rf"(.*)\.{to}(-\d+)?(\.[^./]+)+")
    existing = remote.files(url) if remote.exists(url) else []
    kept = [name for name in existing if (match := result.fullmatch(name)) and match[1] in stems]
    remote.download(url, kept, output)
    return remote_copies.written(output)


def _is_image(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in formats.SUFFIXES
