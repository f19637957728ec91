"""Local copies of files and folders in object stores, for as long as a command runs.

What is written to a copy is copied back at the end. Names in results and messages are the URLs.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from s2f_cli.core import remote

_urls: dict[str, str] = {}
"""The URL of each local folder that stands for one."""


def shown(text: str) -> str:
    """A text with URLs in place of the local folders that stand for them."""
    for local, url in _urls.items():
        text = text.replace(local, url)
    return text


def show(local: Path, url: str) -> None:
    """Let `shown` replace a local folder by a URL, for as long as the process runs."""
    _urls[str(local)] = url


def written(folder: Path) -> dict[str, int]:
    """The files below a folder, or a single file, by relative name, and when they were written."""
    files = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    top = folder if folder.is_dir() else folder.parent
    return {f.relative_to(top).as_posix(): f.stat().st_mtime_ns for f in files if f.is_file()}


@dataclass
class Copies:
    """Copies in a temporary folder."""

    folder: Path
    _copied: list[tuple[str, Path, dict[str, int]]] = field(default_factory=list)
    """URL and copy, and the files that were copied."""

    def copy(self, url: str) -> Path:
        """Copy a file, or all files below a folder; returns the copy, which has the same name.

        What does not exist is not copied. Raises S2FError if the store cannot be read.
        """
        parent, _, name = url.rpartition("/")
        top = self.folder / str(len(self._copied))
        top.mkdir()
        show(top, parent)
        if remote.exists(url):
            names = remote.files(url)
            source, names, target = (parent, [name], top) if names == [""] else (url, names, top / name)
            target.mkdir(exist_ok=True)
            remote.download(source, names, target)
            for file, time in remote.times(source, names).items():
                os.utime(target / file, (time, time))
        self._copied.append((url, top / name, written(top / name)))
        return top / name

    def upload(self) -> None:
        """Copy new and changed files back; raises S2FError if that fails."""
        for url, local, before in self._copied:
            now = written(local)
            target = url if local.is_dir() else url.rpartition("/")[0]
            changed = [name for name in now if now[name] != before.get(name)]
            remote.upload(local if local.is_dir() else local.parent, changed, target)


@contextmanager
def copies() -> Iterator[Copies]:
    """Copies that last until the block ends; what was written is copied back then, also after an error."""
    with TemporaryDirectory(prefix="s2f-") as folder:
        made = Copies(Path(folder))
        try:
            yield made
        finally:
            made.upload()
