"""Select the subjects to score from the models and folders that a user names."""

from collections.abc import Sequence
from pathlib import Path

from s2f_cli.core.errors import BundleError, DataError
from s2f_cli.evaluation.given import Given
from s2f_cli.evaluation.ground_truth import GroundTruth
from s2f_cli.evaluation.protocols import Frame
from s2f_cli.evaluation.subjects import FolderSubject, ModelSubject, Subject
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate, zoo
from s2f_cli.models.domains import Domain, other
from s2f_cli.models.recipes.conditions import Conditions


def is_image_folder(path: Path) -> bool:
    """Whether a path is a folder of images rather than a run folder or a file."""
    return path.is_dir() and not any((path / file).exists() for file in (locate.BUNDLE, "run.json"))


def select(
    paths: Sequence[Path],
    ground_truth: GroundTruth,
    *,
    to: Domain | None = None,
    cycle: bool = False,
    paired: bool = True,
    device: str = "auto",
    frame: Frame | None = None,
    given: Given | None = None,
) -> list[Subject]:
    """A subject for each direction of each model, and for each folder of images.

    Without paths, the newest finished run is selected. `to` selects the direction to a domain, and is the
    domain of the images in folders. With `cycle`, models translate there and back: `to="sketch"` selects
    sketch → face → sketch. `given` says what models are given about each person, by default their labels.

    Raises RunError or BundleError for a model that is missing or lacks a direction, DataError for a folder
    that does not match the ground truth, S2FError for conditions that no model has.
    """
    subjects: list[Subject] = []
    known: list[Conditions] = []
    for path in paths or [locate.newest(to=to)]:
        if is_image_folder(path):
            subjects.append(_folder(path, ground_truth, to, frame, paired=paired))
            continue
        translator = Translator.open(locate.locate(path), device)
        known.append(translator.card.recipe.conditions)
        domains = [to] if to else translator.directions
        if not domains:
            raise BundleError(
                f"{path} is a {translator.card.recipe.name} model, which has no direction to score",
                "generate images with `s2f sample`, and score them with --generated and --reference",
            )
        for domain in domains:
            one_way = (other(domain), domain)
            route = (domain, *one_way) if cycle else one_way
            subjects.append(
                ModelSubject(
                    zoo.name_of(path), translator, route, ground_truth, frame, paired=paired, given=given
                )
            )
    if given is not None:
        given.require(known)
    return subjects


def select_folders(paths: Sequence[Path], reference: Path, *, paired: bool) -> list[Subject]:
    """A subject for each folder, compared with the images of `reference`.

    Raises DataError if pairs are needed and no names match.
    """
    return [
        _require_pairs(FolderSubject(path, reference, paired=paired), reference, paired=paired)
        for path in paths
    ]


def _folder(
    path: Path, ground_truth: GroundTruth, to: Domain | None, frame: Frame | None, *, paired: bool
) -> Subject:
    if to is None:
        raise DataError(
            f"{path} is a folder of images of an unknown domain",
            "add --to face or --to sketch",
        )
    people = ground_truth.having(to)
    if not people:
        raise DataError(
            f"{ground_truth.name}: there is no {to} to compare {path} with", "choose another with --to"
        )
    files = [person.files[to] for person in people]
    reference = files[0].parent
    subject = FolderSubject(
        path,
        reference,
        paired=paired,
        files=files,
        attributes={person.name: person.attributes for person in people},
        direction=f"{other(to)} → {to}",
        data=ground_truth.name,
        frame=frame,
    )
    return _require_pairs(subject, reference, paired=paired)


def _require_pairs(subject: FolderSubject, reference: Path, *, paired: bool) -> FolderSubject:
    if paired and not subject.pairs:
        raise DataError(
            f"no image in {subject.name} has the same name as one in {reference}",
            "give matching images the same path below the two folders; suffixes and an ending .face or "
            ".sketch may differ; --metric fid needs no pairs",
        )
    return subject
