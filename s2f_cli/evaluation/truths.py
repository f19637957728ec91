"""What models are scored on: faces and sketches of the same people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2f_cli import images
from s2f_cli.errors import DataError
from s2f_cli.evaluation.matching import match
from s2f_cli.evaluation.protocols import Protocol
from s2f_cli.images import Domain
from s2f_cli.manifest import Manifest


@dataclass(frozen=True)
class Pair:
    """The face and the sketch of one person, on disk."""

    name: str
    files: Mapping[Domain, Path]
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Truths:
    """Pairs, how to call them, and what could not be paired."""

    pairs: Sequence[Pair]
    name: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Files without a partner, each with the reason."""


def of_data(folder: Path, split: str, protocol: Protocol | None = None, *, anyway: bool = False) -> Truths:
    """The pairs of a split of a prepared data set; raises DataError when there are none.

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
    name = f"{manifest.header.source} {split}, {len(pairs)} pairs, {manifest.digest()[:12]}{note}"
    return Truths(pairs, name)


def of_folders(faces: Path, sketches: Path) -> Truths:
    """The pairs that two folders hold by name; raises DataError when there is none."""
    matched = match(faces, images.find_images(faces), sketches, images.find_images(sketches))
    if not matched.pairs:
        raise DataError(
            f"no image in {faces} has the name of one in {sketches}",
            "images belong together when their paths below the two folders are equal but for the suffix",
        )
    pairs = [Pair(name, {"face": face, "sketch": sketch}) for name, (face, sketch) in matched.pairs.items()]
    return Truths(pairs, f"{faces} and {sketches}, {len(pairs)} pairs", matched.left_out)
