"""What models are scored on: faces and sketches, of the same people where there are pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli.core import images
from s2f_cli.core.errors import DataError
from s2f_cli.core.images import Domain
from s2f_cli.data.manifest import Manifest
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.protocols import Protocol


@dataclass(frozen=True)
class Person:
    """The face and the sketch of one person, on disk; one of them where sets are compared and not pairs."""

    name: str
    files: Mapping[Domain, Path]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GroundTruth:
    """People, how to call them, and what could not be paired."""

    people: Sequence[Person]
    name: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files without a partner, each with the reason."""

    def having(self, *domains: Domain) -> list[Person]:
        """Those of whom there is an image of each of these domains."""
        return [person for person in self.people if all(domain in person.files for domain in domains)]

    @property
    def pairs(self) -> list[Person]:
        """Those of whom there is a face and a sketch."""
        return self.having(*images.DOMAINS)


def of_data(
    folder: Path, split: str, protocol: Protocol | None = None, *, anyway: bool = False, paired: bool = True
) -> GroundTruth:
    """The pairs of a split of a prepared data set, or with `paired` False all of it; raises DataError when
    there are none.

    With a `protocol` the data set must be its own, unless it is to be used `anyway`, which its name then
    says.
    """
    manifest = Manifest.read(folder)
    note = ""
    if protocol is not None:
        wrong = protocol.mismatches(manifest)
        if wrong and not anyway:
            raise DataError(
                f"{folder} is not the data of the protocol {protocol.name}: {'; '.join(wrong)}",
                f"{protocol.title}; prepare it so, or score it with --anyway, which the result will say",
            )
        note = f", {protocol.label}" + (f" NOT MET: {'; '.join(wrong)}" if wrong else "")
    people = [
        Person(entry.name, {d: manifest.path(entry, d) for d in entry.files}, entry.attributes)
        for entry in (manifest.pairs(split) if paired else manifest.within(split))
    ]
    if not people:
        missing = "pairs of a face and a sketch" if paired else "images"
        raise DataError(
            f"{folder} has no {missing} in its split {split!r}",
            f"its splits: {', '.join(manifest.splits())}; prepare pairs, or choose another with --split; "
            "--cycle, and metrics of sets like fid, need no pairs",
        )
    name = f"{manifest.header.source} {split}, {_size(people)}, {manifest.digest()[:12]}{note}"
    return GroundTruth(people, name)


def _size(people: Sequence[Person]) -> str:
    """How many pairs, or images of each domain where not all are in pairs."""
    faces, sketches = (sum(domain in person.files for person in people) for domain in ("face", "sketch"))
    return f"{faces} pairs" if faces == sketches == len(people) else f"{faces} faces and {sketches} sketches"


def of_folders(faces: Path, sketches: Path) -> GroundTruth:
    """The pairs that two folders hold by name; raises DataError when there is none."""
    matched = match(faces, images.find_images(faces), sketches, images.find_images(sketches))
    if not matched.pairs:
        raise DataError(
            f"no image in {faces} has the name of one in {sketches}",
            "images belong together when their paths below the two folders are equal but for the suffix",
        )
    pairs = [Person(name, {"face": face, "sketch": sketch}) for name, (face, sketch) in matched.pairs.items()]
    return GroundTruth(pairs, f"{faces} and {sketches}, {len(pairs)} pairs", matched.left_out)
