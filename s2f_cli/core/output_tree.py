"""Mirrors a folder of images: decides which image becomes which PNG in the output folder."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError
from s2f_cli.core.image_folder import check_folder, no_images, walk_images
from s2f_cli.core.names import same_on_disk

_NUMBER = re.compile(r"-\d+$")


@dataclass(frozen=True)
class MirrorPlan:
    """The images of a folder to process; iterating yields pairs of an image and its PNG.

    Names are kept on disk, so memory stays flat.
    """

    folder: Path
    output: Path
    images: DiskMultimap
    """All images by the key of their PNG; both are relative to their folders."""
    pending: DiskMultimap
    """The images to process, by their PNG."""
    existing: int
    """The number of images skipped because their PNG exists."""
    conflicts: dict[str, str]
    """Images that would overwrite the PNG of another image, with the reason."""
    unusable: dict[str, str] = field(default_factory=dict)
    """Files and folders that cannot be used, with the reason."""

    def __len__(self) -> int:
        return len(self.pending)

    def __iter__(self) -> Iterator[tuple[Path, Path]]:
        for target, (image,) in self.pending:
            yield self.folder / image, self.output / target

    def sample(self, count: int) -> list[Path]:
        """Up to `count` images, evenly spaced over all images, pending or not."""
        step = max(len(self.images) // count, 1)
        spaced = [images[0] for number, (_, images) in enumerate(self.images) if number % step == 0]
        return [self.folder / image for image in spaced[:count]]


def mirror(folder: Path, output: Path, overwrite: bool, numbered: bool = False) -> MirrorPlan:
    """Plan a PNG below `output` for each image below `folder`, in the same subfolder.

    An image whose PNG exists is skipped, unless `overwrite` is set or the PNG is empty (after a power cut).
    If several images have the same PNG, all but the first conflict: `a.jpg` and `a.bmp`, `A.jpg` and `a.jpg`
    if the disk of `output` ignores case, or `a-2.jpg` and `a.jpg` if results are `numbered` a, a-2, a-3.
    Images below `output` are ignored.

    Raises ImageError if the folder does not exist or holds no images, DataError if both are the same folder.
    """
    check_folder(folder)
    if folder.resolve() == output.resolve():
        raise DataError(
            f"--output {output} is the input folder itself", "choose another folder with --output"
        )
    key = same_on_disk(output)
    images, unusable = _images(folder, output, key)
    pending, existing, conflicts = DiskMultimap(), 0, dict[str, str]()
    for name, (image, *others) in images:
        target = _target(image)
        file, png = folder / image, output / target
        for other in others:
            conflicts[str(folder / other)] = f"its result {png} would overwrite that of {file}"
        unnumbered = Path(name).with_stem(_NUMBER.sub("", Path(name).stem)).as_posix()
        if numbered and unnumbered != name and unnumbered in images:
            rival = folder / images.get(unnumbered)
            conflicts[str(file)] = f"its result {png} may clash with a further face of {rival}"
        elif not overwrite and _is_complete(png):
            existing += 1
        else:
            pending.add(target, image)
    return MirrorPlan(folder, output, images, pending, existing, conflicts, unusable)


def _images(folder: Path, output: Path, key: Callable[[str], str]) -> tuple[DiskMultimap, dict[str, str]]:
    """The images below `folder` by the keys of their PNGs, without those in `output`; and the unusable."""
    images = DiskMultimap()
    unusable: dict[str, str] = {}
    for name, reason in walk_images(folder, exclude=output):
        if reason:
            unusable[str(folder / name)] = reason
        else:
            images.add(key(_target(name)), name)
    if not len(images):
        raise no_images(folder, unusable)
    return images, unusable


def _target(image: str) -> str:
    return Path(image).with_suffix(".png").as_posix()


def _is_complete(file: Path) -> bool:
    """Whether a file exists and is not empty, as it may be after a power cut."""
    try:
        return file.stat().st_size > 0
    except OSError:
        return False
