"""Input files and the names of their results."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from s2f_cli.core import formats, made_with, metadata, video
from s2f_cli.core.errors import ImageError, reason_of
from s2f_cli.core.image_inputs import find_inputs
from s2f_cli.core.names import same_on_disk
from s2f_cli.core.shards import Shard
from s2f_cli.models.domains import Domain

VIDEO = "it is a video in a folder; name the file itself to translate it"
"""Why videos in folders are left out."""


class Task(NamedTuple):
    """A file and the file of its result."""

    source: Path
    target: Path


class Input(NamedTuple):
    """A file, and the folder that its name is relative to."""

    file: Path
    root: Path


@dataclass
class TranslatePlan:
    """The files to translate, and those left out."""

    images: list[Task] = field(default_factory=list)
    videos: list[Task] = field(default_factory=list)
    skipped: list[Task] = field(default_factory=list)
    """Files whose results exist, made with the same settings."""
    unknown: int = 0
    """The number of files for whose results other files stand, of which s2f does not know the settings."""
    failures: dict[str, str] = field(default_factory=dict)
    """Inputs that cannot be used, with the reason."""


@dataclass(frozen=True)
class Naming:
    """The naming rules of `s2f translate`.

    A result is named `STEM.DOMAIN.SUFFIX`, beside its input or in the folder `output`, which mirrors the tree
    of an input folder. If `output` is the name of an image or video file, it is the result of a single input.
    With several results per input, the name of the variant or the number of the sample precedes the suffix.
    """

    to: Domain
    output: Path | None
    suffix: str
    """Suffix of image results, with its dot."""
    overwrite: bool
    samples: int = 1
    variants: Sequence[str] = ("",)
    """The names of the pipeline's variants."""
    note: str = ""
    """The settings that make the results (`core.made_with`)."""
    shard: Shard | None = None
    """The part of the inputs to plan for; None for all."""

    def plan(self, paths: Sequence[Path]) -> TranslatePlan:
        """Plan for files, folders and wildcards.

        Results of earlier calls are ignored in folders and among several files. Raises ImageError if several
        inputs would be written to one output file.
        """
        inputs, failures = self._find(paths)
        plan = self.plan_files(inputs)
        plan.failures = {name: why for name, why in failures.items() if self._holds(name)} | plan.failures
        return plan

    def plan_files(self, inputs: Sequence[Input]) -> TranslatePlan:
        """Plan for files; those whose results are current (`core.made_with`) are skipped, unless `overwrite`.

        Files without a note are kept. A file that `output` names is replaced. If two inputs have the same
        result, the second one fails. Raises ImageError as `plan`.
        """
        if is_file_name(self.output) and len(inputs) > 1:
            raise ImageError(
                f"{self.output} is one file, but there are {len(inputs)} images to translate",
                "name a folder as --output",
            )
        plan = TranslatePlan()
        sources: dict[str, Path] = {}
        for source, root in inputs:
            target = self._target(source, root)
            key = same_on_disk(self.output or target.parent)(str(target))
            if key in sources:
                if not self._holds(str(source)):
                    continue
                plan.failures[str(source)] = f"its result {target} would overwrite that of {sources[key]}"
                continue
            sources[key] = source
            if not self._holds(str(source)):
                continue
            try:
                states = {
                    made_with.state(file, self._note_of(source), source) for file in self.results(target)
                }
                itself = target.exists() and source.exists() and target.samefile(source)
            except OSError as error:
                plan.failures[str(source)] = f"its result {target.name}: {reason_of(error)}"
                continue
            keeps = not self.overwrite and not is_file_name(self.output)
            if itself:
                plan.failures[str(source)] = "its result would overwrite it; choose another --output"
            elif keeps and states == {"current"}:
                plan.skipped.append(Task(source, target))
            elif keeps and "unknown" in states:
                plan.unknown += 1
            elif is_video(source):
                plan.videos.append(Task(source, target))
            else:
                plan.images.append(Task(source, target))
        return plan

    def is_result(self, file: Path) -> bool:
        """Whether a file is named like a result."""
        return re.search(rf"\.{self.to}(-\d+)?(\.[a-z0-9-]+)*$", file.stem) is not None

    def results(self, target: Path) -> list[Path]:
        """The files of the results of an input."""
        return result_files(target, self.variants, self.samples)

    def _holds(self, source: str) -> bool:
        return self.shard is None or self.shard.holds(source)

    def _note_of(self, source: Path) -> str:
        """The note of the results of a file; some formats of images hold none."""
        holds = is_video(source) or formats.kind_of(self.suffix) in metadata.KINDS
        return self.note if holds else ""

    def _find(self, paths: Sequence[Path]) -> tuple[list[Input], dict[str, str]]:
        """The files of paths, folders and wildcards, each once; and paths that fail, with the reason."""
        named: dict[Path, Path] = {}
        listed: dict[Path, Path] = {}
        failures: dict[str, str] = {}
        for found in find_inputs(paths, self.output, videos=VIDEO):
            if found.reason:
                failures[str(found.file)] = found.reason
            elif found.named:
                named.setdefault(found.file, found.root)
            else:
                listed[found.file] = found.root
        failures = self.without_results(failures)
        inputs = [Input(file, root) for file, root in (named | listed).items()]
        if len(named) != 1 or listed:
            inputs = [entry for entry in inputs if not self.is_result(entry.file)]
        return inputs, failures

    def without_results(self, left_out: Mapping[str, str]) -> dict[str, str]:
        """The files that cannot be used, with the reason, without the videos that are results."""
        return {n: why for n, why in left_out.items() if why != VIDEO or not self.is_result(Path(n))}

    def _target(self, source: Path, root: Path) -> Path:
        if self.output is not None and is_file_name(self.output):
            return self.output
        folder = source.parent if self.output is None else self.output / source.parent.relative_to(root)
        suffix = video.suffix_for(source) if is_video(source) else self.suffix
        return folder / f"{source.stem}.{self.to}{suffix}"


def result_files(target: Path, variants: Iterable[str], samples: int) -> list[Path]:
    """The file of each sample of each variant: the target itself if there is one, without a name.

    Else `STEM.DOMAIN.VARIANT.png`, `STEM.DOMAIN.1.png`, or `STEM.DOMAIN.VARIANT.1.png`.
    """
    numbers = [""] if samples == 1 else [f".{number}" for number in range(1, samples + 1)]
    names = [f".{variant}" if variant else "" for variant in variants]
    return [target.with_suffix(f"{name}{number}{target.suffix}") for name in names for number in numbers]


def face_file(target: Path, index: int) -> Path:
    """The file of one of several faces: the target for the first, then `STEM.DOMAIN-2.png` and so on."""
    return target.with_stem(f"{target.stem}-{index + 1}") if index else target


def is_file_name(output: Path | None) -> bool:
    """Whether an output is meant to be a file, not a folder."""
    return (
        output is not None
        and output.suffix.lower() in formats.WRITABLE | video.SUFFIXES
        and not output.is_dir()
    )


def is_video(source: Path) -> bool:
    """Whether a file has the suffix of a video."""
    return source.suffix.lower() in video.SUFFIXES
