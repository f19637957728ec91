"""Which file is translated into which: the naming rules of `s2f translate`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli.core import images, video
from s2f_cli.core.errors import ImageError
from s2f_cli.core.images import Domain

Job = tuple[Path, Path]
"""A source and its target."""
Source = tuple[Path, Path]
"""A file, and the folder that its name is relative to."""


@dataclass
class Plan:
    """Sources with their targets, and what was left out of it."""

    jobs: list[Job] = field(default_factory=list)
    videos: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    """Files whose result is there already."""
    failures: dict[str, str] = field(default_factory=dict)
    """Inputs that cannot be used, with the reason."""


@dataclass(frozen=True)
class Naming:
    """How results are called: `STEM.DOMAIN.SUFFIX`, beside each file or in the folder `output`.

    A folder is searched through, and its tree mirrored below `output`; `output` is the result itself when it
    names an image or video file, for one input file. Each of several `samples` has a number before its
    suffix.
    """

    to: Domain
    output: Path | None
    suffix: str
    overwrite: bool
    samples: int = 1

    def plan(self, inputs: Sequence[Path]) -> Plan:
        """The jobs of files, folders and wildcards.

        Raises ImageError when one file is to be the result of several.
        """
        done = Plan()
        sources = list(self._sources(inputs, done.failures))
        self.add(done, sources)
        return done

    def add(self, plan: Plan, sources: Sequence[Source]) -> None:
        """Plan for more files, but for those whose results exist, unless `overwrite`.

        A result that two inputs would write is given to the first only.
        """
        single = is_file_name(self.output) and len(sources) == 1
        if is_file_name(self.output) and len(sources) > 1:
            raise ImageError(
                f"{self.output} is one file, but there are {len(sources)} images to translate",
                "name a folder as --output",
            )
        taken: dict[Path, Path] = {}
        for source, root in sources:
            target = self.output if single and self.output else self._target(source, root)
            if target in taken:
                plan.failures[str(source)] = f"its result {target} is already that of {taken[target]}"
                continue
            taken[target] = source
            if not self.overwrite and all(map(_is_there, numbered(target, self.samples))):
                plan.skipped.append((source, target))
            else:
                (plan.videos if is_video(source) else plan.jobs).append((source, target))

    def is_result(self, file: Path) -> bool:
        """Whether a file is called as the result of an earlier call."""
        return re.search(rf"\.{self.to}(-\d+)?(\.\d+)?(\.compare)?$", file.stem) is not None

    def _sources(self, inputs: Iterable[Path], failures: dict[str, str]) -> list[Source]:
        """Every file; results of earlier calls among several, or in folders, are passed over."""
        named: dict[Path, Path] = {}
        found: dict[Path, Path] = {}
        for given in inputs:
            try:
                if given.is_dir():
                    found |= dict.fromkeys(images.find_images(given), given)
                elif given.exists() or given.is_symlink():
                    named.setdefault(given, given.parent)
                elif matches := _wildcard(given):
                    found |= {file: file.parent for file in matches}
                else:
                    failures[str(given)] = "there is no such file or folder"
            except ImageError as problem:
                failures[str(given)] = problem.line
            except OSError as problem:
                failures[str(given)] = problem.strerror or str(problem)
        if len(named) == 1 and not found:
            return list(named.items())
        return [(file, root) for file, root in (named | found).items() if not self.is_result(file)]

    def _target(self, source: Path, root: Path) -> Path:
        folder = source.parent if self.output is None else self.output / source.parent.relative_to(root)
        suffix = video.suffix_for(source) if is_video(source) else self.suffix
        return folder / f"{source.stem}.{self.to}{suffix}"


def numbered(target: Path, samples: int) -> list[Path]:
    """The files of so many samples: the target itself for one, else `STEM.DOMAIN.1.png` and so on."""
    if samples == 1:
        return [target]
    return [target.with_suffix(f".{number}{target.suffix}") for number in range(1, samples + 1)]


def a_face(target: Path, number: int) -> Path:
    """The result of one of several faces in a picture: the target for the first, then `STEM.DOMAIN-2.png`."""
    return target.with_stem(f"{target.stem}-{number + 1}") if number else target


def is_file_name(output: Path | None) -> bool:
    """Whether it is meant to be a file, not a folder."""
    return (
        output is not None
        and output.suffix.lower() in images.SUFFIXES | video.SUFFIXES
        and not output.is_dir()
    )


def is_video(source: Path) -> bool:
    """Whether a file is called as a video."""
    return source.suffix.lower() in video.SUFFIXES


def _is_there(file: Path) -> bool:
    """Whether a file exists and is not empty, as one may be after a power cut."""
    return file.exists() and file.stat().st_size > 0


def _wildcard(pattern: Path) -> list[Path]:
    """The files of a pattern that the shell left as it is (Windows); none when it is no pattern."""
    if not any(c in pattern.name for c in "*?["):
        return []
    return [p for p in sorted(pattern.parent.glob(pattern.name)) if p.is_file()]
