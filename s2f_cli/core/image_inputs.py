"""Image files that a user names: files, folders and wildcards."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from s2f_cli.core import archives
from s2f_cli.core.errors import ImageError, reason_of
from s2f_cli.core.files import is_litter
from s2f_cli.core.image_folder import no_images, walk_images


class ImageInput(NamedTuple):
    """A file that a user has named, or that was found below a folder; or a path that cannot be used."""

    file: Path
    root: Path
    """The folder that its name is relative to."""
    named: bool = False
    """Whether it was named itself."""
    reason: str = ""
    """Why it cannot be used; empty for a file."""

    @property
    def name(self) -> str:
        """The name below its root, with forward slashes."""
        return self.file.relative_to(self.root).as_posix()


def find_inputs(paths: Sequence[Path], exclude: Path | None = None, videos: str = "") -> Iterator[ImageInput]:
    """Yield the files that paths name, in their order; folders are walked, wildcards expanded.

    What cannot be used is yielded with the reason. Everything in `exclude` is ignored in folders, and so are
    videos, unless there is a reason to yield them with.
    """
    for path in paths:
        try:
            if path.is_dir():
                yield from _below(path, exclude, videos)
            elif archives.is_archive(path):
                yield _unusable(path, "it is an archive; unpack it and name its folder")
            elif path.exists() or path.is_symlink():
                yield ImageInput(path, path.parent, named=True)
            elif matches := _expand(path):
                yield from (ImageInput(file, file.parent) for file in matches)
            else:
                yield _unusable(path, "there is no such file or folder")
        except ImageError as error:
            yield _unusable(path, error.line)
        except OSError as error:
            yield _unusable(path, reason_of(error))


def _below(folder: Path, exclude: Path | None, videos: str) -> Iterator[ImageInput]:
    empty, first = True, dict[str, str]()
    for name, reason in walk_images(folder, exclude, videos=videos):
        yield ImageInput(folder / name, folder, reason=reason)
        empty = empty and bool(reason)
        if reason and not first:
            first[str(folder / name)] = reason
    if empty:
        yield _unusable(folder, no_images(folder, first).line)


def _unusable(path: Path, reason: str) -> ImageInput:
    return ImageInput(path, path.parent, named=True, reason=reason)


def _expand(pattern: Path) -> list[Path]:
    """The files of a wildcard that the shell did not expand (Windows); none if it is not a wildcard."""
    if not any(c in pattern.name for c in "*?["):
        return []
    return [
        p
        for p in sorted(pattern.parent.glob(pattern.name))
        if (p.is_file() or p.is_symlink()) and not p.is_dir() and not is_litter(p.name)
    ]
