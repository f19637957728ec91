"""A folder and its mirror: which file of the one becomes which file of the other."""

from pathlib import Path

from s2f_cli import images
from s2f_cli.commands._jobs import Plan
from s2f_cli.errors import DataError


def plan(folder: Path, output: Path, overwrite: bool) -> Plan:
    """A PNG below `output` for each image below `folder`, in the same subfolder.

    Images whose PNG exists are skipped, unless `overwrite`; those of two suffixes that would write the same
    PNG fail, all but the first. What lies in `output` itself is never taken for input.

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
        if target in taken:
            done.failures[str(source)] = f"its result {target} is already that of {taken[target]}"
        else:
            taken[target] = source
            if target.exists() and not overwrite:
                done.skipped += 1
            else:
                done.jobs.append((source, target))
    return done
