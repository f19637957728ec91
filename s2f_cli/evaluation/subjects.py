"""What is scored: a model on pairs of images, or a folder of images beside a folder of references."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PIL import Image

from s2f_cli import images
from s2f_cli.errors import DataError, ImageError
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.scoring import Sample
from s2f_cli.images import Domain, other
from s2f_cli.manifest import Manifest
from s2f_cli.translator import BATCH, Translator


@dataclass(frozen=True)
class Skipped:
    """A file that could not be scored, with the reason."""

    name: str
    reason: str


@dataclass(frozen=True)
class Pair:
    """The face and the sketch of one person, on disk."""

    name: str
    files: Mapping[Domain, Path]
    attributes: Mapping[str, str] = field(default_factory=dict)


class Subject(Protocol):
    """A row of the table: something that yields samples."""

    name: str
    direction: str
    """`face → sketch` or `sketch → face`; empty where it is not known."""
    data: str
    """What it is scored on."""

    def __len__(self) -> int:
        """How many samples and skipped files there are."""

    def samples(self) -> Iterator[Sample | Skipped]:
        """Every sample, always in one order; a file that cannot be read is skipped, not raised."""


class ModelSubject:
    """A model in one direction, on pairs; images are compared as training saw them: square, its channels."""

    def __init__(
        self, name: str, translator: Translator, to: Domain, pairs: Sequence[Pair], data: str
    ) -> None:
        translator.require(to)
        self.name, self.data = name, data
        self.direction = f"{other(to)} → {to}"
        self._translator, self._to, self._pairs = translator, to, pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def samples(self) -> Iterator[Sample | Skipped]:
        """Translate the pairs' sources, a batch at a time."""
        for first in range(0, len(self._pairs), BATCH):
            read: list[tuple[Pair, Image.Image, Image.Image]] = []
            for pair in self._pairs[first : first + BATCH]:
                try:
                    source = images.read(pair.files[other(self._to)])
                    truth = self._translator.fit(images.read(pair.files[self._to]), self._to)
                    read.append((pair, source, truth))
                except ImageError as problem:
                    yield Skipped(pair.name, problem.line)
            made = self._translator.translate([source for _, source, _ in read], self._to, size="model")
            for (pair, _, truth), generated in zip(read, made, strict=True):
                yield Sample(pair.name, generated, truth, pair.attributes)


class FolderSubject:
    """A folder of generated images beside a folder of references.

    With `paired`, images belong together by name, and those without a partner are skipped as pairs. All
    images of both folders are yielded either way, for metrics that compare sets.
    """

    def __init__(self, generated: Path, reference: Path, *, paired: bool) -> None:
        self.name, self.direction, self.data = str(generated), "", str(reference)
        sides = images.find_images(generated), images.find_images(reference)
        self.pairs: dict[str, tuple[Path, Path]] = {}
        self._without_partner: dict[str, str] = {}
        if paired:
            matched = match(generated, sides[0], reference, sides[1])
            self.pairs, self._without_partner = matched.pairs, matched.left_out
        taken = {file for pair in self.pairs.values() for file in pair}
        self._lone = [(file, side) for side, files in enumerate(sides) for file in files if file not in taken]

    def __len__(self) -> int:
        return len(self.pairs) + len(self._lone)

    def samples(self) -> Iterator[Sample | Skipped]:
        """The pairs, then the images that stand alone."""
        for name, (file, partner) in self.pairs.items():
            try:
                yield Sample(name, images.read(file), images.read(partner))
            except ImageError as problem:
                yield Skipped(name, problem.line)
        for file, side in self._lone:
            if str(file) in self._without_partner:
                yield Skipped(str(file), self._without_partner[str(file)])
            try:
                image = images.read(file)
            except ImageError as problem:
                yield Skipped(str(file), problem.line)
                continue
            yield Sample(str(file), None, image) if side else Sample(str(file), image, None)


def pairs_of_data(folder: Path, split: str) -> tuple[list[Pair], str]:
    """The pairs of a split of a prepared data set, and their name; raises DataError when there are none."""
    manifest = Manifest.read(folder)
    pairs = [
        Pair(
            entry.name, {domain: manifest.path(entry, domain) for domain in images.DOMAINS}, entry.attributes
        )
        for entry in manifest.pairs(split)
    ]
    if not pairs:
        raise DataError(
            f"{folder} has no pairs of a face and a sketch in its split {split!r}",
            f"its splits: {', '.join(manifest.splits())}; prepare pairs, or choose another with --split",
        )
    return pairs, f"{manifest.header.source} {split}, {len(pairs)} pairs, {manifest.digest()[:12]}"


def pairs_of_folders(faces: Path, sketches: Path) -> tuple[list[Pair], dict[str, str]]:
    """The pairs that two folders hold by name, and the files without a partner, each with the reason.

    Raises DataError when there is no pair.
    """
    matched = match(faces, images.find_images(faces), sketches, images.find_images(sketches))
    if not matched.pairs:
        raise DataError(
            f"no image in {faces} has the name of one in {sketches}",
            "images belong together when their paths below the two folders are equal but for the suffix",
        )
    pairs = [Pair(name, {"face": face, "sketch": sketch}) for name, (face, sketch) in matched.pairs.items()]
    return pairs, matched.left_out
