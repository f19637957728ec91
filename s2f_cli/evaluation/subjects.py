"""Subjects of an evaluation: a model on a data set, or a folder of images with its references."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from s2f_cli.core import image_folder, images
from s2f_cli.core.errors import DataError, ImageError
from s2f_cli.core.remote_copies import shown
from s2f_cli.evaluation.given import Given
from s2f_cli.evaluation.ground_truth import GroundTruth, Person
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.protocols import Frame
from s2f_cli.evaluation.scoring import Sample
from s2f_cli.inference.options import Size
from s2f_cli.inference.translator import BATCH_SIZE, Translator
from s2f_cli.models.domains import Domain

_ONE_WAY = 2
"""Domains on the path of a single direction."""


@dataclass(frozen=True)
class Skipped:
    """A file that cannot be scored."""

    name: str
    reason: str


class Subject(Protocol):
    """Something that yields samples to score: a row of the table."""

    name: str
    direction: str
    """`face → sketch`, `sketch → face → sketch` …; empty if it is not known."""
    data: str
    """The images it is scored on."""
    provenance: Mapping[str, str]
    """Where it comes from, for the report."""
    conditions: Mapping[str, str]
    """What the model is given besides the images, in words, by condition."""
    printed: Mapping[str, Mapping[str, float]]
    """Printed numbers for it: report and table → metric → score."""

    def __len__(self) -> int:
        """The number of samples, including files that turn out to be unreadable."""

    def samples(self, start: int = 0, stop: int | None = None) -> Iterator[Sample | Skipped]:
        """Yield the samples from `start` to `stop`, or all, always in the same order.

        Unreadable files are yielded as `Skipped`.
        """


class ModelSubject:
    """A model along a path of domains, scored on a data set.

    The path `("face", "sketch")` is a direction. `("face", "sketch", "face")` is a cycle; its output is
    compared with its input. Images are compared at the size and with the channels of training, or in a
    `frame`. Where that fits images otherwise than the training did, and in a frame that squashes if the model
    takes any aspect ratio, whole images are translated and the results fitted. With `paired` False, a
    direction is also scored on people with only one of the two images. `given` says what the model is given
    about each person, by default its labels.

    Raises BundleError if the model cannot follow the path, DataError if the ground truth has no images of a
    domain, S2FError for conditions that the model does not have.
    """

    def __init__(
        self,
        name: str,
        translator: Translator,
        path: Sequence[Domain],
        ground_truth: GroundTruth,
        frame: Frame | None = None,
        *,
        paired: bool = True,
        given: Given | None = None,
    ) -> None:
        for to in path[1:]:
            translator.require(to)
        start, end = path[0], path[-1]
        for domain in {start: None, end: None}:
            if not ground_truth.having(domain):
                raise DataError(
                    f"{ground_truth.name}: there is no {domain} to score {' → '.join(path)} with",
                    "add some to the data set, or choose another direction with --to",
                )
        card = translator.card
        self.name, self.data, self.direction = name, ground_truth.name, " → ".join(path)
        self.printed = {} if ground_truth.drawn else _printed(card.recipe.reported, path)
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
        all_needed = paired or start == end
        self._people = ground_truth.having(start, end) if all_needed else ground_truth.people
        self._given = given or Given()
        self.conditions: Mapping[str, str] = self._given.describe(card.recipe.conditions, self._people)
        whole = frame is not None and frame.fit == "squash" and not any(map(translator.squashes, path[1:]))
        unlike = frame is not None and frame.fit != card.recipe.image.fit
        self._size: Size = "native" if whole or unlike else "model"

    def __len__(self) -> int:
        return len(self._people)

    def samples(self, start: int = 0, stop: int | None = None) -> Iterator[Sample | Skipped]:
        """Translate the sources in batches and yield a sample for each person."""
        people = self._people[start:stop]
        for first in range(0, len(people), BATCH_SIZE):
            yield from self._batch(people[first : first + BATCH_SIZE])

    def _batch(self, people: Sequence[Person]) -> Iterator[Sample | Skipped]:
        start, end = self._path[0], self._path[-1]
        known = self._translator.card.recipe.conditions
        opened: list[tuple[Person, Image.Image | None, Image.Image | None]] = []
        conditions: list[Mapping[str, str]] = []
        for person in people:
            try:
                source = images.read(person.files[start]) if start in person.files else None
                truth = images.read(person.files[end]) if end in person.files and end != start else None
                values = {} if source is None else self._given.values(known, person)
            except ImageError as problem:
                yield Skipped(person.name, problem.line)
                continue
            opened.append((person, source, source if start == end else truth))
            conditions += [] if source is None else [values]
        batch = [source for _, source, _ in opened if source is not None]
        for to in self._path[1:]:
            batch = self._translator.translate(batch, to, self._size, conditions=conditions) if batch else []
        outputs = iter(batch)
        for person, source, truth in opened:
            generated = next(outputs) if source is not None else None
            yield self._sample(person, source, generated, truth)

    def _sample(
        self,
        person: Person,
        source: Image.Image | None,
        generated: Image.Image | None,
        truth: Image.Image | None,
    ) -> Sample:
        if self._frame is None or truth is None or generated is None:
            reference = None if truth is None else self._translator.fit(truth, self._path[-1])
            return Sample(person.name, generated, reference, person.attributes, source)
        framed = self._frame.generated(generated, truth), self._frame.reference(truth)
        return Sample(person.name, *framed, person.attributes, source)


def _printed(
    reported: Sequence[Mapping[str, Any]], path: Sequence[Domain]
) -> Mapping[str, Mapping[str, float]]:
    """The printed numbers of a direction, or of a cycle, whose keys look like `sketch_cycle_fid`."""
    if len(path) == _ONE_WAY:
        entries = [entry for entry in reported if entry.get("direction") == path[-1]]
        return {e["where"]: {k: v for k, v in e.items() if k not in ("where", "direction")} for e in entries}
    prefix = f"{path[-1]}_cycle_"
    cycles = {
        e["where"]: {k.removeprefix(prefix): v for k, v in e.items() if k.startswith(prefix)}
        for e in reported
    }
    return {where: numbers for where, numbers in cycles.items() if numbers}


class FolderSubject:
    """A folder of generated images, with references in another folder or in a list of files.

    With `paired`, images are matched by name; those without a partner are yielded as skipped, and then again
    on their own for metrics of sets.
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
        self.name, self.direction = shown(str(generated)), direction
        self.data = data or shown(str(reference))
        self.provenance: Mapping[str, str] = {}
        self.conditions: Mapping[str, str] = {}
        self.printed: Mapping[str, Mapping[str, float]] = {}
        self._attributes, self._frame = attributes or {}, frame
        sides = [image_folder.find(generated, reference)]
        sides += [] if files else [image_folder.find(reference, generated)]
        self._unusable = {name: reason for side in sides for name, reason in side.left_out.items()}
        images_of = sides[0].files, files or sides[-1].files
        self.pairs: dict[str, tuple[Path, Path]] = {}
        self._without_partner: dict[str, str] = {}
        if paired:
            matches = match(generated, images_of[0], reference, images_of[1])
            self.pairs, self._without_partner = matches.pairs, matches.left_out
        in_pairs = {file for pair in self.pairs.values() for file in pair}
        self._unpaired = [
            (file, is_reference)
            for is_reference, files in enumerate(images_of)
            for file in files
            if file not in in_pairs
        ]

    def __len__(self) -> int:
        return len(self._unusable) + len(self.pairs) + len(self._unpaired)

    def samples(self, start: int = 0, stop: int | None = None) -> Iterator[Sample | Skipped]:
        """Yield the files that cannot be used, the pairs, then the images without a partner."""
        yield from chain.from_iterable(islice(self._entries(), start, stop))

    def _entries(self) -> Iterator[Iterator[Sample | Skipped]]:
        for name, reason in self._unusable.items():
            yield iter([Skipped(name, reason)])
        for name, pair in self.pairs.items():
            yield self._pair(name, *pair)
        for file, is_reference in self._unpaired:
            yield self._alone(file, bool(is_reference))

    def _pair(self, name: str, file: Path, partner: Path) -> Iterator[Sample | Skipped]:
        try:
            generated, reference = images.read(file), images.read(partner)
        except ImageError as problem:
            yield Skipped(name, problem.line)
            return
        if self._frame is not None:
            generated = self._frame.generated(generated, reference)
            reference = self._frame.reference(reference)
        yield Sample(name, generated, reference, self._attributes.get(name, {}))

    def _alone(self, file: Path, is_reference: bool) -> Iterator[Sample | Skipped]:
        if str(file) in self._without_partner:
            yield Skipped(str(file), self._without_partner[str(file)])
        try:
            image = images.read(file)
        except ImageError as problem:
            yield Skipped(str(file), problem.line)
            return
        yield Sample(str(file), None, image) if is_reference else Sample(str(file), image, None)
