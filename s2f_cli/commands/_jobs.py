"""Which file is translated into which: the naming rules of `s2f translate`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli import images
from s2f_cli.errors import ImageError
from s2f_cli.images import Domain


@dataclass
class Plan:
    """Sources with their targets, and what was left out of it."""

    jobs: list[tuple[Path, Path]] = field(default_factory=list)
    skipped: int = 0
    """Files whose result is there already."""
    failures: dict[str, str] = field(default_factory=dict)
    """Inputs that cannot be used, with the reason."""


def plan(inputs: Sequence[Path], output: Path | None, to: Domain, overwrite: bool, samples: int = 1) -> Plan:
    """The jobs of a list of files, folders and wildcards.

    A file's result is `STEM.DOMAIN.png`, beside it or in the folder `output`; a folder is searched through,
    and its tree mirrored below `output`; `output` is the result itself when it names an image file, for one
    input file. Results of earlier calls (`STEM.DOMAIN.png`) among several files are passed over, and so are
    files whose results exist, unless `overwrite`. A result that two inputs would write is given to the first
    only. Each of several `samples` has a number before its suffix.
    """
    done = Plan()
    sources = list(_sources(inputs, to, done.failures))
    single = _is_file_name(output) and len(sources) == 1
    if _is_file_name(output) and not single:
        raise ImageError(
            f"{output} is one file, but there are {len(sources)} images to translate",
            "name a folder as --output",
        )
    taken: dict[Path, Path] = {}
    for source, root in sources:
        target = output if single and output else _target(source, root, output, to)
        if target in taken:
            done.failures[str(source)] = f"its result {target} is already that of {taken[target]}"
            continue
        taken[target] = source
        if not overwrite and all(file.exists() for file in numbered(target, samples)):
            done.skipped += 1
        else:
            done.jobs.append((source, target))
    return done


def numbered(target: Path, samples: int) -> list[Path]:
    """The files of so many samples: the target itself for one, else `STEM.DOMAIN.1.png` and so on."""
    if samples == 1:
        return [target]
    return [target.with_suffix(f".{number}{target.suffix}") for number in range(1, samples + 1)]


def a_face(target: Path, number: int) -> Path:
    """The result of one of several faces in a picture: the target for the first, then `STEM.DOMAIN-2.png`."""
    return target.with_stem(f"{target.stem}-{number + 1}") if number else target


def _sources(inputs: Sequence[Path], to: Domain, failures: dict[str, str]) -> list[tuple[Path, Path]]:
    """Every image file with the folder that its name is relative to."""
    found: dict[Path, Path] = {}
    for given in inputs:
        try:
            if given.is_dir():
                found |= dict.fromkeys(images.find_images(given), given)
            elif given.exists() or given.is_symlink():
                found.setdefault(given, given.parent)
            elif matches := _wildcard(given):
                found |= {file: file.parent for file in matches}
            else:
                failures[str(given)] = "there is no such file or folder"
        except ImageError as problem:
            failures[str(given)] = problem.line
        except OSError as problem:
            failures[str(given)] = problem.strerror or str(problem)
    if len(found) > 1:
        result = re.compile(rf"\.{to}(-\d+)?(\.\d+)?$")
        return [(file, root) for file, root in found.items() if not result.search(file.stem)]
    return list(found.items())


def _wildcard(pattern: Path) -> list[Path]:
    """The files of a pattern that the shell left as it is (Windows); none when it is no pattern."""
    if not any(c in pattern.name for c in "*?["):
        return []
    return [p for p in sorted(pattern.parent.glob(pattern.name)) if p.is_file()]


def _is_file_name(output: Path | None) -> bool:
    return output is not None and output.suffix.lower() in images.SUFFIXES and not output.is_dir()


def _target(source: Path, root: Path, output: Path | None, to: Domain) -> Path:
    folder = source.parent if output is None else output / source.parent.relative_to(root)
    return folder / f"{source.stem}.{to}.png"
