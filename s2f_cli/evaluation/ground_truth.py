"""The faces and sketches on which models are scored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli.core import image_folder, registry
from s2f_cli.core.errors import DataError
from s2f_cli.core.remote_copies import shown
from s2f_cli.data.manifest import Alignment, Manifest
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.protocols import Protocol
from s2f_cli.models.domains import DOMAINS, Domain

_DRAWN = "demo"
"""The source whose faces are drawn."""


@dataclass(frozen=True)
class Person:
    """The image files of one person: a face, a sketch, or both."""

    name: str
    files: Mapping[Domain, Path]
    attributes: Mapping[str, str] = field(default_factory=dict)
    alignment: Mapping[Domain, Alignment] = field(default_factory=dict)
    """How the images were aligned, if it is known."""


@dataclass(frozen=True)
class GroundTruth:
    """The people to score on, and a description of the data for tables and reports."""

    people: Sequence[Person]
    name: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files without a partner → reason."""
    drawn: bool = False
    """Whether the faces are drawings of s2f, on which scores compare with no printed number."""

    def having(self, *domains: Domain) -> list[Person]:
        """The people with images of all these domains."""
        return [person for person in self.people if all(domain in person.files for domain in domains)]

    @property
    def pairs(self) -> list[Person]:
        """The people with a face and a sketch."""
        return self.having(*DOMAINS)


def of_data(
    folder: Path,
    split: str,
    protocol: Protocol | None = None,
    *,
    allow_mismatch: bool = False,
    paired: bool = True,
) -> GroundTruth:
    """The pairs of a split of a prepared data set; all its images, if `paired` is False.

    With a protocol, the data set must be the protocol's. `allow_mismatch` accepts any, and notes the mismatch
    in the name. Raises DataError for another data set or an empty split.
    """
    manifest = Manifest.read(folder)
    note = ""
    if protocol is not None:
        mismatches = "; ".join(protocol.mismatches(manifest))
        if mismatches and not allow_mismatch:
            raise DataError(
                f"{folder} is not the data of the protocol {protocol.name}: {mismatches}",
                f"prepare it as the protocol says ({protocol.title}), or use --anyway, "
                "which marks the results",
            )
        left_out = manifest.header.duplicates_left_out("train", "val")
        note = f", {protocol.label}" + (f", duplicates left out of train: {left_out}" if left_out else "")
        note += f" NOT MET: {mismatches}" if mismatches else ""
    people = [
        Person(
            entry.name, {d: manifest.path(entry, d) for d in entry.files}, entry.attributes, entry.alignment
        )
        for entry in (manifest.pairs(split) if paired else manifest.within(split))
    ]
    if not people:
        if split not in manifest.splits():
            raise DataError(
                f"{folder} has no split {split!r}", registry.did_you_mean(split, manifest.splits())
            )
        missing = "pairs of a face and a sketch" if paired else "images"
        raise DataError(
            f"{folder} has no {missing} in its split {split!r}",
            f"choose another split with --split ({', '.join(manifest.splits())}), or prepare pairs; "
            "--cycle and metrics of sets, such as fid, need no pairs",
        )
    name = f"{manifest.header.source} {split}, {_size(people)}, {manifest.digest()[:12]}{note}"
    return GroundTruth(people, name, drawn=manifest.header.source == _DRAWN)


def _size(people: Sequence[Person]) -> str:
    """The number of pairs, or of images in each domain if some people lack one."""
    faces, sketches = (sum(domain in person.files for person in people) for domain in ("face", "sketch"))
    return f"{faces} pairs" if faces == sketches == len(people) else f"{faces} faces and {sketches} sketches"


def of_folders(faces: Path, sketches: Path) -> GroundTruth:
    """The pairs of two folders, matched by name; raises DataError if there are none."""
    found = image_folder.find(faces, sketches), image_folder.find(sketches, faces)
    matches = match(faces, found[0].files, sketches, found[1].files)
    if not matches.pairs:
        raise DataError(
            f"no image in {faces} has the same name as one in {sketches}",
            "give the images of a pair the same path below their folders; suffixes may differ",
        )
    pairs = [Person(name, {"face": face, "sketch": sketch}) for name, (face, sketch) in matches.pairs.items()]
    left_out = found[0].left_out | found[1].left_out | matches.left_out
    name = shown(f"{faces} and {sketches}, {len(pairs)} pairs")
    return GroundTruth(pairs, name, left_out)
