"""Translations of the same test people by every system, and what a translation costs."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from s2f_cli.benchmark.plan import Plan, Row
from s2f_cli.core import documents, images
from s2f_cli.core.errors import S2FError
from s2f_cli.core.files import atomic_write
from s2f_cli.evaluation import protocols, selection
from s2f_cli.evaluation.ground_truth import GroundTruth, Person
from s2f_cli.evaluation.scoring import Sample
from s2f_cli.evaluation.subjects import Subject
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate
from s2f_cli.models.domains import Domain, other

_HEIGHT = 144
_TIMED = 4
"""Images by which the time of a translation is measured, after one that warms up."""


@dataclass(frozen=True)
class Samples:
    """Sample images of one row."""

    thumbnails: Mapping[str, Mapping[str, str]]
    """Direction → person → JPEG in base64."""
    seconds: Mapping[str, float]
    """Direction → seconds of translating one image, as training measures them; empty for folders, and if no
    image can be read."""
    parameters: Mapping[str, int]
    """Direction → parameters of the networks that translate; empty for folders."""


@dataclass(frozen=True)
class People:
    """The test people whose images are shown, with the images themselves."""

    truth: GroundTruth
    thumbnails: Mapping[str, Mapping[str, str]]
    """Domain → person → JPEG in base64."""

    @classmethod
    def of(cls, truth: GroundTruth, count: int) -> "People":
        """Choose people from the whole list, evenly."""
        every = truth.pairs
        count = min(count, len(every))
        people = [every[number * len(every) // count] for number in range(count)]
        shown: dict[str, dict[str, str]] = {
            domain: {person.name: _thumbnail(images.read(file)) for person, file in _files(people, domain)}
            for domain in ("face", "sketch")
        }
        return cls(GroundTruth(people, truth.name), shown)

    @property
    def names(self) -> list[str]:
        """The names of the people."""
        return [person.name for person in self.truth.people]


def _files(people: list[Person], domain: Domain) -> list[tuple[Person, Path]]:
    return [(person, person.files[domain]) for person in people]


def read(file: Path) -> Samples | None:
    """The samples of a row; None before they are written."""
    try:
        return Samples(**documents.from_json(file.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write(plan: Plan, row: Row, people: People) -> None:
    """Write the samples of a scored row, unless they are newer than its scores."""
    file, scores = plan.samples(row), plan.scores(row)
    if file.is_file() and file.stat().st_mtime_ns >= scores.stat().st_mtime_ns:
        return
    rules = protocols.find(row.data.protocol) if row.data.protocol else None
    only = plan.to_of(row)
    subjects = selection.select(
        [locate.by_name(Path(plan.model(row)))],
        people.truth,
        to=only,
        device=plan.device,
        frame=rules.frame if rules else None,
    )
    thumbnails = {subject.direction: _translated(subject, people) for subject in subjects}
    seconds: dict[str, float] = {}
    parameters: dict[str, int] = {}
    if row.system.kind != "results":
        translator = Translator.open(locate.locate(plan.model(row)), plan.device)
        for to in [only] if only else translator.directions:
            direction = f"{other(to)} → {to}"
            if (took := _time(translator, to, people)) is not None:
                seconds[direction] = took
            parameters[direction] = translator.engine.traits("directions", to).weights
    atomic_write(file, json.dumps(asdict(Samples(thumbnails, seconds, parameters))) + "\n")


def _translated(subject: Subject, people: People) -> dict[str, str]:
    shown = {}
    known = {name: person for person in people.truth.people for name in _names(person)}
    for sample in subject.samples():
        if isinstance(sample, Sample) and sample.generated is not None and sample.name in known:
            person = known[sample.name]
            shown[person.name] = _thumbnail(sample.generated, images.read(person.files["face"]).size)
    return shown


def _names(person: Person) -> set[str]:
    """The names of a person: its own, and those of its files, which name the results in a folder."""
    return {person.name, *(file.stem for file in person.files.values())}


def _thumbnail(image: Image.Image, shape: tuple[int, int] | None = None) -> str:
    """A JPEG of fixed height, with the aspect ratio of `shape`: protocols and models may squash images."""
    width, height = shape or image.size
    small = image.convert("RGB").resize(
        (max(round(_HEIGHT * width / height), 1), _HEIGHT), Image.Resampling.LANCZOS
    )
    return base64.b64encode(images.encode(small, "JPEG")).decode()


def _time(translator: Translator, to: Domain, people: People) -> float | None:
    """Seconds of translating one image; None if no image can be read."""
    photos = []
    for person in people.truth.people[:_TIMED]:
        try:
            photos.append(images.read(person.files[other(to)]))
        except S2FError:
            continue
    if not photos:
        return None
    translator.translate(photos[:1], to)
    clock = time.process_time if translator.engine.device == "cpu" else time.monotonic
    start = clock()
    translator.translate(photos, to)
    return (clock() - start) / len(photos)
