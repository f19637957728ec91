"""From what a user names to the subjects that are scored."""

from collections.abc import Sequence
from pathlib import Path

from s2f_cli import runs
from s2f_cli.errors import BundleError, DataError
from s2f_cli.evaluation.subjects import FolderSubject, ModelSubject, Pair, Subject
from s2f_cli.images import Domain
from s2f_cli.translator import Translator


def select(
    paths: Sequence[Path], pairs: Sequence[Pair], data: str, *, to: Domain | None = None, device: str = "auto"
) -> list[Subject]:
    """A subject for each direction of each model (a run folder or a bundle); without paths, of the newest
    run.

    `to` restricts them to one direction. Raises RunError or BundleError where there is no model, or none of
    its directions is asked for.
    """
    subjects: list[Subject] = []
    for path in paths or [runs.newest(to=to)]:
        translator = Translator.open(runs.bundle_of(path), device)
        wanted = [to] if to else translator.directions
        if not wanted:
            raise BundleError(
                f"{path} is a {translator.card.recipe.name} model, which has no direction to score",
                "score samples of it with --generated and --reference",
            )
        subjects += [ModelSubject(str(path), translator, domain, pairs, data) for domain in wanted]
    return subjects


def select_folders(generated: Path, reference: Path, *, paired: bool) -> list[Subject]:
    """A folder of images and its references as a subject; raises DataError for no pair where it needs one."""
    subject = FolderSubject(generated, reference, paired=paired)
    if paired and not subject.pairs:
        raise DataError(
            f"no image in {generated} has the name of one in {reference}",
            "images belong together when their paths below the two folders are equal but for the suffix and "
            "an ending .face or .sketch; `--metric fid` needs no pairs",
        )
    return [subject]
