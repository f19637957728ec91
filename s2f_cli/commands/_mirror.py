"""A folder and its mirror: which file of the one becomes which file of the other."""

import re
from pathlib import Path

from s2f_cli import images
from s2f_cli.commands._jobs import Plan
from s2f_cli.errors import DataError

_NUMBER = re.compile(r"-\d+$")


def plan(folder: Path, output: Path, overwrite: bool, numbered: bool = False) -> Plan:
    """A PNG below `output` for each image below `folder`, in the same subfolder.

    Images whose PNG exists are skipped, unless `overwrite` or it is empty (after a power cut); those that
    would write the PNG of another fail, all but the first: two suffixes of one name, or `a-2.jpg` beside
    `a.jpg` when results are `numbered` a, a-2, a-3. What lies in `output` itself is never taken for input.

    Raises ImageError when the folder does not exist or holds no images, DataError when both are one folder.
    """
    if folder.resolve() == output.resolve():
        raise DataError("--output is the folder of the photos itself", "choose another folder with --output")
    done = Plan()
    taken: dict[Path, Path] = {}
    for source in images.find_images(folder):
        if source.is_relative_to(output):
            continue
        target = output / source.relative_to(folder).with_suffix(".png")
        if taken.setdefault(target, source) != source:
            done.failures[str(source)] = f"its result {target} is already that of {taken[target]}"
    for target, source in taken.items():
        rival = taken.get(target.with_stem(_NUMBER.sub("", target.stem))) if numbered else None
        if rival not in (None, source):
            done.failures[str(source)] = f"its result {target} may be that of another face of {rival}"
        elif not overwrite and target.exists() and target.stat().st_size:
            done.skipped += 1
        else:
            done.jobs.append((source, target))
    return done
