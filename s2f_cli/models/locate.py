"""Find a model's file: by name, by path, or the newest run.

A run folder holds its model as `model.safetensors`; `s2f_cli.training.run_folder` describes the rest.
"""

from pathlib import Path
from typing import Literal

from s2f_cli.core.errors import RunError, S2FError
from s2f_cli.models import bundle, zoo
from s2f_cli.models.domains import DOMAINS, Domain

RUNS = Path("runs")
"""The folder that holds the run folders."""
BUNDLE = "model.safetensors"

Ability = Literal["directions", "samples"]
"""How a model makes images: by translating images of the other domain, or from noise."""
_PHRASES: dict[Ability, str] = {"directions": "translate to {}", "samples": "make a {} from noise"}


def locate(model: str | Path) -> Path:
    """Return the model file for a path, a run folder, or a name listed by `s2f models`.

    Raises BundleError for an unknown name, RunError for a folder without a model. A path with a suffix is
    returned even if no file exists there.
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
    """Return the file of a model listed by `s2f models`; return any other path unchanged.

    Raises BundleError for an unknown name.
    """
    is_path = path.exists() or path.suffix or path.name != str(path)
    return path if is_path else zoo.find(path.name).path


def newest(folder: Path = RUNS, to: Domain | None = None, ability: Ability = "directions") -> Path:
    """The run folder in `folder` with the most recently saved model that can make images of the domain `to`.

    Without `to`, either domain will do. Raises RunError if there is none.
    """
    files = sorted(folder.glob(f"*/{BUNDLE}"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files:
        try:
            domains = _domains(file, ability)
        except S2FError:
            continue
        if to in domains or (to is None and domains):
            return file.parent
    purpose = f" that can {_PHRASES[ability].format(to)}" if to else ""
    raise RunError(
        f"there is no trained model in {folder}{purpose}",
        "name one with --model FILE, or train one: `s2f prepare demo`, then `s2f train cyclegan-unet`",
    )


def default(to: Domain, ability: Ability = "directions") -> Path:
    """The model file to use if none is named: that of the newest run in ./runs, else the shipped one.

    Raises RunError if neither can make images of the domain `to`.
    """
    try:
        return newest(to=to, ability=ability) / BUNDLE
    except RunError:
        shipped = zoo.default(to) if ability == "directions" else None
        if shipped is None:
            raise
        return shipped.path


def defaults(to: Domain | None = None) -> dict[Domain, Path]:
    """The default model of each direction, or only of the direction to `to`.

    Raises RunError if there is none at all.
    """
    files: dict[Domain, Path] = {}
    errors: list[RunError] = []
    for domain in (to,) if to else DOMAINS:
        try:
            files[domain] = default(domain)
        except RunError as error:
            errors.append(error)
    if not files:
        raise errors[0]
    return files


def _domains(file: Path, ability: Ability) -> tuple[Domain, ...]:
    recipe = bundle.read_card(file).recipe
    return tuple(recipe.directions if ability == "directions" else recipe.samples)
