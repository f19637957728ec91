"""Find a model's file: by name, by path, on the Hugging Face Hub, or the newest finished run.

A run folder holds its model as `model.safetensors`; `s2f_cli.training.run_folder` describes the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from s2f_cli.core import registry
from s2f_cli.core.errors import BundleError, RunError, S2FError
from s2f_cli.models import hub, zoo
from s2f_cli.models.card import Card, read_card
from s2f_cli.models.domains import DOMAINS, Domain

RUNS = Path("runs")
"""The folder that holds the run folders."""
BUNDLE = "model.safetensors"

Ability = Literal["directions", "samples"]
"""How a model makes images: by translating images of the other domain, or from noise."""
_PHRASES: dict[Ability, str] = {"directions": "translate to {}", "samples": "make a {} from noise"}


@dataclass(frozen=True)
class Default:
    """The model that is used if none is named."""

    file: Path
    reason: str
    unfinished: tuple[str, ...] = ()
    """Newer runs that are not used because their training has not ended, each with its steps."""


def locate(model: str | Path) -> Path:
    """Return the model file for a path, a run folder, an address of the hub, or a name.

    Names are those that `s2f models` or `s2f runs list` lists. Raises BundleError for an unknown name, and as
    `hub.fetch`; RunError for a folder without a model. A path with a suffix is returned even if no file
    exists there.
    """
    path = by_name(Path(model))
    if path.is_dir():
        if not (path / BUNDLE).is_file():
            raise RunError(
                f"{path} holds no {BUNDLE}", "name a model file, or the folder of a run that has saved"
            )
        return path / BUNDLE
    return path


def by_name(path: Path) -> Path:
    """Return the file of a model of the hub or of `s2f models`, or a run in ./runs; any other path unchanged.

    Raises BundleError for an unknown name or folder, and as `hub.fetch`.
    """
    if hub.is_reference(path):
        return hub.fetch(path)
    if path.exists() or path.suffix:
        return path
    if path.name != str(path):
        beside = sorted(str(folder) for folder in path.parent.glob("*") if folder.is_dir())
        raise BundleError(f"there is no model file {path}", registry.did_you_mean(str(path), beside))
    if (RUNS / path).is_dir() and path.name not in zoo.names():
        return RUNS / path
    try:
        return zoo.find(path.name).path
    except BundleError:
        known = [*zoo.names(), *sorted(folder.name for folder in RUNS.glob("*") if folder.is_dir())]
        hint = registry.did_you_mean(path.name, known)
        raise BundleError(f"there is no model {path.name!r}", hint) from None


def short_name(file: Path) -> str:
    """The name of the run or of the repository that holds a model file of the usual name, else the stem."""
    if file.name != BUNDLE:
        return file.stem
    reference = hub.reference_of(file)
    return reference.name if reference else file.resolve().parent.name


def newest(folder: Path = RUNS, to: Domain | None = None, ability: Ability = "directions") -> Path:
    """The finished run in `folder` that was saved last, of those that can make images of the domain `to`.

    Without `to`, either domain will do. Raises RunError if there is none.
    """
    return _newest(folder, to, ability).file.parent


def default(to: Domain, ability: Ability = "directions") -> Path:
    """The model file to use if none is named: of the newest finished run in ./runs, else shipped.

    Raises RunError if neither can make images of the domain `to`.
    """
    return choose_default(to, ability).file


def choose_default(to: Domain, ability: Ability = "directions") -> Default:
    """The default model and the reason; raises RunError as `default`."""
    try:
        return _newest(RUNS, to, ability)
    except RunError:
        shipped = zoo.default(to) if ability == "directions" else None
        if shipped is None:
            raise
        return Default(shipped.path, "it is shipped with s2f", _unfinished(RUNS, to, ability))


def defaults(to: Domain | None = None) -> dict[Domain, Default]:
    """The default model of each direction, or only of the direction to `to`.

    Raises RunError if there is none at all.
    """
    chosen: dict[Domain, Default] = {}
    errors: list[RunError] = []
    for domain in (to,) if to else DOMAINS:
        try:
            chosen[domain] = choose_default(domain)
        except RunError as error:
            errors.append(error)
    if not chosen:
        raise errors[0]
    return chosen


def _newest(folder: Path, to: Domain | None, ability: Ability) -> Default:
    skipped: list[str] = []
    for file, card in _able(folder, to, ability):
        if card.finished:
            return Default(file, f"it is the newest finished run in {folder}", tuple(skipped))
        skipped.append(_describe(file, card))
    purpose = f" that can {_PHRASES[ability].format(to)}" if to else ""
    raise RunError(
        f"there is no finished run in {folder}{purpose}{_but(skipped)}",
        "name a model with --model, or train one: `s2f prepare demo`, then `s2f train cyclegan-unet`",
    )


def _unfinished(folder: Path, to: Domain | None, ability: Ability) -> tuple[str, ...]:
    return tuple(_describe(file, card) for file, card in _able(folder, to, ability) if not card.finished)


def _able(folder: Path, to: Domain | None, ability: Ability) -> Iterator[tuple[Path, Card]]:
    """The models of runs that can make images of a domain, those saved last first, with their cards."""
    for file in sorted(folder.glob(f"*/{BUNDLE}"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
        with suppress(S2FError):
            card = read_card(file)
            domains = card.recipe.directions if ability == "directions" else card.recipe.samples
            if to in domains or (to is None and domains):
                yield file, card


def _describe(file: Path, card: Card) -> str:
    return f"{file.parent} is not finished ({card.step} of {card.length} steps)"


def _but(skipped: Sequence[str]) -> str:
    return f": {skipped[0]}" if skipped else ""
