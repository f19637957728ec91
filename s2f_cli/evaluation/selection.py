"""From what a user names to the subjects that are scored."""

from collections.abc import Sequence
from pathlib import Path

from s2f_cli.core.errors import BundleError, DataError
from s2f_cli.core.images import Domain, other
from s2f_cli.evaluation.ground_truth import GroundTruth
from s2f_cli.evaluation.protocols import Frame
from s2f_cli.evaluation.subjects import FolderSubject, ModelSubject, Subject
from s2f_cli.inference.translator import Translator
from s2f_cli.models import locate


def is_image_folder(path: Path) -> bool:
    """Whether a path means a folder of images, not a model."""
    return path.is_dir() and not any((path / file).exists() for file in (locate.BUNDLE, "run.json"))


def select(
    paths: Sequence[Path],
    truths: GroundTruth,
    *,
    to: Domain | None = None,
    cycle: bool = False,
    paired: bool = True,
    device: str = "auto",
    frame: Frame | None = None,
) -> list[Subject]:
    """A subject for each direction of each model and for each folder of images; without paths, the newest
    run.

    `to` restricts them to the direction to that domain, and says what folders show. `cycle` goes there and
    back instead: a sketch → face → sketch for `to="sketch"`. Raises RunError or BundleError where there is no
    model, or it cannot do what is asked, and DataError where a folder does not fit.
    """
    subjects: list[Subject] = []
    for path in paths or [locate.newest(to=to)]:
        if is_image_folder(path):
            subjects.append(_folder(path, truths, to, frame, paired=paired))
            continue
        translator = Translator.open(locate.locate(path), device)
        wanted = [to] if to else translator.directions
        if not wanted:
            raise BundleError(
                f"{path} is a {translator.card.recipe.name} model, which has no direction to score",
                "score samples of it with --generated and --reference",
            )
        for domain in wanted:
            route = (other(domain), domain)
            way = (domain, *route) if cycle else route
            subjects.append(ModelSubject(str(path), translator, way, truths, frame, paired=paired))
    return subjects


def select_folders(paths: Sequence[Path], reference: Path, *, paired: bool) -> list[Subject]:
    """A subject for each folder beside references; raises DataError where pairs are due and missing."""
    return [_check(FolderSubject(path, reference, paired=paired), reference, paired=paired) for path in paths]


def _folder(
    path: Path, truths: GroundTruth, to: Domain | None, frame: Frame | None, *, paired: bool
) -> Subject:
    if to is None:
        raise DataError(
            f"{path} holds images, and nothing says what they show", "add --to face or --to sketch"
        )
    people = truths.having(to)
    if not people:
        raise DataError(f"{truths.name}: there is no {to} to compare {path} with", "choose another with --to")
    files = [person.files[to] for person in people]
    reference = files[0].parent
    subject = FolderSubject(
        path,
        reference,
        paired=paired,
        files=files,
        attributes={person.name: person.attributes for person in people},
        direction=f"{other(to)} → {to}",
        data=truths.name,
        frame=frame,
    )
    return _check(subject, reference, paired=paired)


def _check(subject: FolderSubject, reference: Path, *, paired: bool) -> FolderSubject:
    if paired and not subject.pairs:
        raise DataError(
            f"no image in {subject.name} has the name of one in {reference}",
            "images belong together when their paths below the two folders are equal but for the suffix and "
            "an ending .face or .sketch; `--metric fid` needs no pairs",
        )
    return subject
