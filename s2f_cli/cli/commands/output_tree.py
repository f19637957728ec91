"""A folder and its mirror: which file of the one becomes which file of the other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli.core.disk_map import DiskMultimap
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.files import walk
from s2f_cli.core.images import SUFFIXES

_NUMBER = re.compile(r"-\d+$")


@dataclass
class Plan:
    """Pairs of a photo and its PNG, listed on disk, and what is left out."""

    folder: Path
    output: Path
    skipped: int = 0
    """Photos whose PNG is there already."""
    failures: dict[str, str] = field(default_factory=dict)
    """Photos that cannot be used, with the reason."""
    _photos: DiskMultimap = field(default_factory=DiskMultimap)
    """All photos by their PNG; both are relative to their folders."""
    _jobs: DiskMultimap = field(default_factory=DiskMultimap)

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[tuple[Path, Path]]:
        for target, (photo,) in self._jobs:
            yield self.folder / photo, self.output / target

    def some(self, count: int) -> list[Path]:
        """So many photos, at even distances, whether their PNGs are there or not."""
        step = max(len(self._photos) // count, 1)
        spread = [photos[0] for number, (_, photos) in enumerate(self._photos) if number % step == 0]
        return [self.folder / photo for photo in spread[:count]]


def plan(folder: Path, output: Path, overwrite: bool, numbered: bool = False) -> Plan:
    """A PNG below `output` for each image below `folder`, in the same subfolder.

    Images whose PNG exists are skipped, unless `overwrite` or it is empty (after a power cut); those that
    would write the PNG of another fail, all but the first: two suffixes of one name, or `a-2.jpg` beside
    `a.jpg` when results are `numbered` a, a-2, a-3. What lies in `output` itself is never taken for input.

    Raises ImageError when the folder does not exist or holds no images, DataError when both are one folder.
    """
    if not folder.is_dir():
        raise ImageError(f"there is no folder {folder}", "check the path")
    if folder.resolve() == output.resolve():
        raise DataError("--output is the folder of the photos itself", "choose another folder with --output")
    done = Plan(folder, output)
    inside = f"{output.relative_to(folder).as_posix()}/" if output.is_relative_to(folder) else None
    for name, kind in walk(folder):
        path = Path(name)
        if kind == "file" and path.suffix.lower() in SUFFIXES and not (inside and name.startswith(inside)):
            done._photos.add(path.with_suffix(".png").as_posix(), name)
    if not len(done._photos):
        raise ImageError(
            f"{folder} holds no images", f"s2f reads files that end in {', '.join(sorted(SUFFIXES))}"
        )
    for target, (photo, *others) in done._photos:
        first = folder / photo
        for other in others:
            done.failures[str(folder / other)] = f"its result {output / target} is already that of {first}"
        place = output / target
        rival = Path(target).with_stem(_NUMBER.sub("", place.stem)).as_posix()
        if numbered and rival != target and rival in done._photos:
            told = f"its result {place} may be that of another face of {folder / done._photos.get(rival)}"
            done.failures[str(first)] = told
        elif not overwrite and place.exists() and place.stat().st_size:
            done.skipped += 1
        else:
            done._jobs.add(target, photo)
    return done
