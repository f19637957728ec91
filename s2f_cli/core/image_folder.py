"""The images of a folder, and the files that look like images but cannot be used.

Every command that reads a folder finds its images here, so all of them use, ignore and name the same files.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from s2f_cli.core import archives, formats, video
from s2f_cli.core.errors import ImageError
from s2f_cli.core.files import walk
from s2f_cli.core.formats import SUFFIXES

_NO_IMAGES = frozenset(
    {".txt", ".csv", ".json", ".jsonl", ".toml", ".yaml", ".md", ".html", ".xml", ".pdf", ".zip", ".tar"}
    | {".gz", ".py", ".npy"}
)
"""Suffixes of common files that are not opened to see whether they are images."""


class FoundImage(NamedTuple):
    """A file below a folder that is an image, or looks like one."""

    name: str
    """Relative to the folder, with forward slashes; `.` for the folder itself."""
    reason: str
    """Why it cannot be used; empty for an image."""


@dataclass(frozen=True)
class ImageFolder:
    """The images below a folder."""

    files: list[Path]
    left_out: dict[str, str]
    """Files and folders that cannot be used, with the reason."""


def walk_images(
    folder: Path,
    exclude: Path | None = None,
    refuse: Callable[[Path], str] = lambda _: "",
    *,
    videos: str = "",
) -> Iterator[FoundImage]:
    """Yield the images below a folder, sorted within each folder, and the files that look like images.

    Hidden files, litter (`files.is_litter`), and everything in `exclude` are ignored; other files that are no
    images too. Links to folders, dangling links, unreadable folders, images that s2f does not read and images
    whose name does not say so are yielded with a reason. So are subfolders for which `refuse` returns one,
    and videos with the reason `videos`, if there is one.
    """
    inside = _relative(exclude, folder) if exclude is not None else None
    refused: dict[str, str] = {}
    for name, kind in walk(folder):
        if inside is not None and (name == inside or name.startswith(f"{inside}/")):
            continue
        above = [parent.as_posix() for parent in PurePosixPath(name).parents][-2::-1]
        for parent in above:
            if parent not in refused:
                refused[parent] = refuse(folder / parent)
                if refused[parent]:
                    yield FoundImage(parent, refused[parent])
            if refused[parent]:
                break
        else:
            is_video = kind == "file" and PurePosixPath(name).suffix.lower() in video.SUFFIXES
            reason = videos or None if is_video else _reason(folder / name, kind)
            if reason is not None:
                yield FoundImage(name, reason)


def find(folder: Path, exclude: Path | None = None, *, videos: str = "") -> ImageFolder:
    """The images below a folder, and the files that cannot be used; for `videos` see `walk_images`.

    Raises ImageError if the folder does not exist or holds no image that s2f reads.
    """
    check_folder(folder)
    files: list[Path] = []
    left_out: dict[str, str] = {}
    for name, reason in walk_images(folder, exclude, videos=videos):
        if reason:
            left_out[str(folder / name)] = reason
        else:
            files.append(folder / name)
    if not files:
        raise no_images(folder, left_out)
    return ImageFolder(files, left_out)


def check_folder(folder: Path) -> None:
    """Raise ImageError unless a path is a folder."""
    if folder.is_dir():
        return
    if folder.exists() and folder.name.lower().endswith((*archives.SUFFIXES, ".rar", ".7z")):
        raise ImageError(f"{folder} is an archive, not a folder", "unpack it and name its folder")
    if folder.exists():
        raise ImageError(f"{folder} is a file, not a folder", "name the folder that holds it")
    raise ImageError(f"there is no folder {folder}", "check the path")


def no_images(folder: Path, left_out: dict[str, str]) -> ImageError:
    """The error for a folder without images; it names the first file that cannot be used."""
    first = "".join(f"; {name}: {reason}" for name, reason in list(left_out.items())[:1])
    return ImageError(
        f"{folder} holds no images{first}", f"s2f reads files that end in {', '.join(sorted(SUFFIXES))}"
    )


def _reason(file: Path, kind: str) -> str | None:
    """Why a file cannot be used: empty for an image, None for a file that has nothing to do with images."""
    suffix = file.suffix.lower()
    if kind == "neither a file nor a folder" and suffix not in SUFFIXES:
        return None
    if kind == "a link to a folder":
        return f"{kind} is not followed; name the folder that it leads to"
    if kind != "file":
        return f"it is {kind}"
    if suffix in SUFFIXES:
        return ""
    if suffix in formats.UNREADABLE:
        return f"s2f does not read {suffix}; convert it to PNG or JPEG"
    if suffix in _NO_IMAGES or not _looks_like_image(file):
        return None
    return "it is an image, but its name does not end in .jpg, .png or another suffix of images; rename it"


def _looks_like_image(file: Path) -> bool:
    return formats.looks_like_image(formats.head(file, formats.START))


def _relative(inner: Path, outer: Path) -> str | None:
    """The path of a folder below another, whatever the links on the way; None if it is not below it."""
    inner, outer = inner.resolve(), outer.resolve()
    return inner.relative_to(outer).as_posix() if inner.is_relative_to(outer) and inner != outer else None
