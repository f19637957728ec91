"""What is scored: a model on pairs of images, or a folder of images beside its references."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from s2f_cli.core import images
from s2f_cli.core.errors import BundleError, DataError, ImageError
from s2f_cli.core.images import Domain
from s2f_cli.evaluation.ground_truth import GroundTruth, Person
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.protocols import Frame
from s2f_cli.evaluation.scoring import Sample
from s2f_cli.inference.translator import BATCH, Translator

_ONE_WAY = 2


@dataclass(frozen=True)
class Skipped:
    """A file that could not be scored, with the reason."""

    name: str
    reason: str


class Subject(Protocol):
    """A row of the table: something that yields samples."""

    name: str
    direction: str
    """`face → sketch`, `sketch → face → sketch` …; empty where it is not known."""
    data: str
    """What it is scored on."""
    provenance: Mapping[str, str]
    """Where it came from."""
    printed: Mapping[str, Mapping[str, float]]
    """The numbers of reports and papers for it: where → metric → score."""

    def __len__(self) -> int:
        """How many samples and skipped files there are."""

    def samples(self) -> Iterator[Sample | Skipped]:
        """Every sample, always in one order; a file that cannot be read is skipped, not raised."""


class ModelSubject:
    """A model along a path of domains; images are compared as training saw them: square, its channels.

    In a `frame`, they are compared in that size and colour instead. `("face", "sketch")` is a direction,
    `("face", "sketch", "face")` a cycle, whose result is compared with its input. With `paired` a direction
    is scored on pairs; else sources may be of other people than the truths. Raises BundleError when the model
    cannot go that path, DataError when there is nothing to start from or to compare with.
    """

    def __init__(
        self,
        name: str,
        translator: Translator,
        path: Sequence[Domain],
        truths: GroundTruth,
        frame: Frame | None = None,
        *,
        paired: bool = True,
    ) -> None:
        for to in path[1:]:
            translator.require(to)
        start, end = path[0], path[-1]
        for domain in {start: None, end: None}:
            if not truths.having(domain):
                raise DataError(
                    f"{truths.name}: there is no {domain} to score {' → '.join(path)} with",
                    "add some to the data set, or name another direction with --to",
                )
        card = translator.card
        self.name, self.data, self.direction = name, truths.name, " → ".join(path)
        self.printed = _printed(card.recipe.reported, path)
        self.provenance: Mapping[str, str] = {
            "recipe": card.recipe.name,
            "step": str(card.step),
            "seed": str(card.seed),
            "trained on": f"{card.data}, {card.data_digest[:12]}",
            "chosen by": ", ".join(f"{name} {value:.4g}" for name, value in card.scores.items()),
            "licence": card.licence,
            "s2f": card.s2f,
            "torch": card.torch,
        }
        self._translator, self._path, self._frame = translator, path, frame
        self._people = truths.having(start, end) if paired or start == end else truths.people
        if frame is not None and frame.fit != card.recipe.image.fit:
            raise BundleError(
                f"{name} fits images by {card.recipe.image.fit!r}, the protocol by {frame.fit!r}",
                "score it without --protocol, or train it with the fit of the protocol",
            )

    def __len__(self) -> int:
        return len(self._people)

    def samples(self) -> Iterator[Sample | Skipped]:
        """Translate the sources, a batch at a time."""
        start, end = self._path[0], self._path[-1]
        for first in range(0, len(self._people), BATCH):
            opened: list[tuple[Person, Image.Image | None, Image.Image | None]] = []
            for person in self._people[first : first + BATCH]:
                try:
                    source = images.read(person.files[start]) if start in person.files else None
                    truth = images.read(person.files[end]) if end in person.files and end != start else None
                except ImageError as problem:
                    yield Skipped(person.name, problem.line)
                    continue
                opened.append((person, source, source if start == end else truth))
            made = [source for _, source, _ in opened if source is not None]
            for to in self._path[1:]:
                made = self._translator.translate(made, to, size="model") if made else []
            results = iter(made)
            for person, source, truth in opened:
                generated = next(results) if source is not None else None
                yield self._sample(person, source, generated, truth)

    def _sample(
        self,
        person: Person,
        source: Image.Image | None,
        generated: Image.Image | None,
        truth: Image.Image | None,
    ) -> Sample:
        if self._frame is None or truth is None or generated is None:
            seen = None if truth is None else self._translator.fit(truth, self._path[-1])
            return Sample(person.name, generated, seen, person.attributes, source)
        framed = self._frame.generated(generated, truth), self._frame.truth(truth)
        return Sample(person.name, *framed, person.attributes, source)


def _printed(
    reported: Sequence[Mapping[str, Any]], path: Sequence[Domain]
) -> Mapping[str, Mapping[str, float]]:
    """What reports print of a direction, or of a cycle, whose numbers are named as `sketch_cycle_fid`."""
    if len(path) == _ONE_WAY:
        ways = [entry for entry in reported if entry.get("direction") == path[-1]]
        return {e["where"]: {k: v for k, v in e.items() if k not in ("where", "direction")} for e in ways}
    start = f"{path[-1]}_cycle_"
    cycles = {
        e["where"]: {k.removeprefix(start): v for k, v in e.items() if k.startswith(start)} for e in reported
    }
    return {where: numbers for where, numbers in cycles.items() if numbers}


class FolderSubject:
    """A folder of generated images beside references: all images of another folder, or the files given.

    With `paired`, images belong together by name, and those without a partner are skipped as pairs. All
    images of both sides are yielded either way, for metrics that compare sets.
    """

    def __init__(
        self,
        generated: Path,
        reference: Path,
        *,
        paired: bool,
        files: Sequence[Path] = (),
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        direction: str = "",
        data: str = "",
        frame: Frame | None = None,
    ) -> None:
        self.name, self.direction, self.data = str(generated), direction, data or str(reference)
        self.provenance: Mapping[str, str] = {}
        self.printed: Mapping[str, Mapping[str, float]] = {}
        self._attributes, self._frame = attributes or {}, frame
        sides = images.find_images(generated), files or images.find_images(reference)
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
                generated, reference = images.read(file), images.read(partner)
            except ImageError as problem:
                yield Skipped(name, problem.line)
                continue
            if self._frame is not None:
                generated = self._frame.generated(generated, reference)
                reference = self._frame.truth(reference)
            yield Sample(name, generated, reference, self._attributes.get(name, {}))
        for file, side in self._lone:
            if str(file) in self._without_partner:
                yield Skipped(str(file), self._without_partner[str(file)])
            try:
                image = images.read(file)
            except ImageError as problem:
                yield Skipped(str(file), problem.line)
                continue
            yield Sample(str(file), None, image) if side else Sample(str(file), image, None)
