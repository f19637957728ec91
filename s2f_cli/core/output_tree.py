"""Decides which image becomes which file: beside it, in a folder that mirrors its tree, or a file by name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from s2f_cli.core import made_with
from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.formats import WRITABLE
from s2f_cli.core.image_folder import check_folder, no_images
from s2f_cli.core.image_inputs import ImageInput, find_inputs
from s2f_cli.core.names import same_on_disk

_NUMBER = re.compile(r"-\d+$")


class Task(NamedTuple):
    """An image and its result."""

    source: Path
    target: Path
    name: str
    """The image's name below the folder that the user named, or its file name."""


@dataclass(frozen=True)
class OutputPlan:
    """The images to process; iterating yields tasks. Names are kept on disk, so memory stays flat."""

    images: DiskMultimap
    """The sources of all images, by the key of their result."""
    pending: DiskMultimap
    """The results to make, each with its source and the source's name."""
    existing: int
    """The number of images skipped because their result is up to date."""
    unknown: int = 0
    """The number of images skipped because a file has the name of their result, but no note."""
    conflicts: dict[str, str] = field(default_factory=dict)
    """Images whose result would overwrite another image or its result, with the reason."""
    unusable: dict[str, str] = field(default_factory=dict)
    """Files and folders that cannot be used, with the reason."""

    def __len__(self) -> int:
        return len(self.pending)

    def __iter__(self) -> Iterator[Task]:
        for target, (source, name) in self.pending:
            yield Task(Path(source), Path(target), name)

    def sample(self, count: int) -> list[Path]:
        """Up to `count` images, evenly spaced over all images, pending or not."""
        step = max(len(self.images) // count, 1)
        spaced = [sources[0] for number, (_, sources) in enumerate(self.images) if number % step == 0]
        return [Path(source) for source in spaced[:count]]


def is_file_name(output: Path | None) -> bool:
    """Whether an output is meant to be an image file, not a folder."""
    return output is not None and output.suffix.lower() in WRITABLE and not output.is_dir()


def plan(
    inputs: Sequence[Path],
    output: Path | None,
    word: str,
    overwrite: bool = False,
    numbered: bool = False,
    note: str = "",
) -> OutputPlan:
    """Plan the result of each image of some files, folders and wildcards.

    Without `output` it is `STEM.WORD.png` beside the image, in a folder the PNG of that name in the same
    subfolder. An `output` that is a file name is the result of a single image, and replaced. Results that
    are up to date (`core.made_with`) are skipped, unless `overwrite` is set.

    If several images have the same result, all but the first conflict: `a.jpg` and `a.bmp`, `A.jpg` and
    `a.jpg` if the disk ignores case, or `a-2.jpg` and `a.jpg` if results are `numbered` a, a-2, a-3. In
    folders and wildcards, images in `output` and results are ignored.

    Raises ImageError if the only input cannot be used, or one file is the output of several images; DataError
    if the output is the input folder.
    """
    if output is not None and any(_same_folder(path, output) for path in inputs):
        raise DataError(
            f"--output {output} is the input folder itself", "choose another folder with --output"
        )
    single = output if is_file_name(output) else None
    images, names, targets, unusable = DiskMultimap(), DiskMultimap(), DiskMultimap(), dict[str, str]()
    for found in find_inputs(inputs, None if single else output):
        if found.reason:
            unusable[str(found.file)] = found.reason
        elif found.named or not _is_result(found.file, word):
            target = single or _target(found, output, word)
            key = same_on_disk(output or target.parent)(str(target))
            if key not in images:
                targets.add(key, str(target))
            images.add(key, str(found.file))
            names.add(str(found.file), found.name)
    if not len(images) and len(inputs) == 1:
        raise _nothing(inputs[0], unusable)
    if single and len(names) > 1:
        raise ImageError(
            f"{single} is one file, but there are {len(names)} images", "name a folder as --output"
        )
    pending, existing, unknown, conflicts = DiskMultimap(), 0, 0, dict[str, str]()
    for key, (image, *others) in images:
        file, result = Path(image), Path(targets.get(key))
        for other in dict.fromkeys(others):
            if other != image:
                conflicts[other] = f"its result {result} would overwrite that of {file}"
        unnumbered = str(Path(key).with_stem(_NUMBER.sub("", Path(key).stem)))
        state = "missing" if overwrite or single else made_with.state(result, note, file)
        if _is_same_file(file, result):
            conflicts[image] = f"its result {result} would overwrite it"
        elif numbered and unnumbered != key and unnumbered in images:
            rival = images.get(unnumbered)
            conflicts[image] = f"its result {result} may clash with a further face of {rival}"
        elif state in ("missing", "outdated"):
            pending.add(str(result), image)
            pending.add(str(result), names.get(image))
        elif state == "current":
            existing += 1
        else:
            unknown += 1
    return OutputPlan(images, pending, existing, unknown, conflicts, unusable)


def _target(found: ImageInput, output: Path | None, word: str) -> Path:
    if output is None:
        return found.file.with_name(f"{found.file.stem}.{word}.png")
    return (output / found.name).with_suffix(".png")


def _is_result(file: Path, word: str) -> bool:
    return re.search(rf"\.{word}(-\d+)?$", file.stem) is not None


def _same_folder(path: Path, output: Path) -> bool:
    return path.is_dir() and path.resolve() == output.resolve()


def _is_same_file(file: Path, result: Path) -> bool:
    return result.exists() and file.exists() and result.samefile(file)


def _nothing(path: Path, unusable: dict[str, str]) -> ImageError:
    """The error for an input without an image."""
    if path.is_dir():
        return no_images(path, {name: reason for name, reason in unusable.items() if name != str(path)})
    if not path.exists():
        return ImageError(f"there is no file or folder {path}", "check the path")
    check_folder(path)
    return ImageError(f"{path} cannot be used", "name an image or a folder")
