"""Recipes: what is trained, as data. Read one, override it, build its networks and objective.

A recipe is one complete TOML file (`s2f recipes show NAME`): image size, networks by role, directions, and
one stage of training, or several under `[[stages]]` that run in order over the same networks.
"""

import functools
import inspect
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from s2f_cli import parts
from s2f_cli.augmentations._contract import Augmentation
from s2f_cli.errors import MissingPart, RecipeError
from s2f_cli.recipe_overrides import apply
from s2f_cli.recipe_tables import CHAINS, Part, Recipe, Stage
from s2f_cli.roles import Networks, Objective

FOLDER = Path(__file__).parent / "recipes"


def names() -> list[str]:
    """The names of the recipes that come with s2f, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def file_of(name: str) -> Path:
    """The file of a recipe, by its name or by the path of a file that ends in .toml.

    Raises RecipeError when there is none.
    """
    if name.endswith(".toml"):
        if not Path(name).is_file():
            raise RecipeError(f"there is no recipe file {name}", "check the path")
        return Path(name)
    if name not in names():
        raise RecipeError(f"there is no recipe {name!r}", parts.did_you_mean(name, names()))
    return FOLDER / f"{name}.toml"


def read(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe by name or file, with `key=value` overrides (`weights.cycle=5`,
    `networks.to_face.part=resnet`).

    Values are TOML; what is not is taken as a string. In a recipe of several stages a stage is
    `stages.NAME.…`, and a key of a stage without that prefix is set in all of them.

    Raises RecipeError naming the file, the key and the accepted ones.
    """
    file = file_of(name)
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"{file} is not TOML: {problem}", "mend the file") from None
    if "stages" not in document:
        document["stages"] = [{k: document.pop(k) for k in list(document) if k in Stage.model_fields}]
        document["stages"][0].pop("name", None)
    document["name"] = file.stem
    label = str(file) if file.parent != FOLDER else f"recipe {file.stem}"
    validate(document, label)
    for override in overrides:
        apply(document, override)
    return validate(document, label).narrowed()


def validate(document: Mapping[str, Any], label: str) -> Recipe:
    """A recipe from plain data; raises RecipeError, its message led by `label`."""
    try:
        return Recipe.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(p) for p in first["loc"] if p != "stages" and not isinstance(p, int))
        reason = first["msg"].removeprefix("Value error, ")
        raise RecipeError(
            f"{label}{f', {where}' if where else ''}: {reason}",
            "see `s2f recipes show NAME` for a complete one",
        ) from None


def build(recipe: Recipe) -> Networks:
    """The networks of a recipe, freshly initialised from torch's random state.

    Raises RecipeError for a part or option that does not exist, or a chain that names no role.
    """
    for kind in CHAINS:
        for domain, chain in getattr(recipe, kind).items():
            for role in chain:
                known_role(role, recipe.networks, f"{kind}.{domain}")
    roles: dict[str, nn.Module] = {}
    for role, table in recipe.networks.items():
        if not role.isidentifier() or hasattr(Networks, role) or role in CHAINS:
            raise RecipeError(f"a role cannot be called {role!r}", "choose another name, such as to_face")
        roles[role] = _construct("networks", table, f"networks.{role}")
    return Networks(roles, **{kind: getattr(recipe, kind) for kind in CHAINS})


def objective(stage: Stage, device: torch.device | None = None) -> Objective:
    """The objective of a stage with its losses, on a device; raises RecipeError as `build` does."""
    options = _options("losses", stage.objective, "objective")
    game = _find("objectives", stage.objective.part, "objective")
    _check_options(game, options, "objective", skip=2)
    for option, value in options.items():
        if isinstance(value, str):
            raise RecipeError(
                f"objective.{option} is {value!r}, not a table that names a loss",
                f"set objective.{option}.part; known: {', '.join(parts.names('losses'))}",
            )
        if isinstance(value, nn.Module) and _is_game(value) != (option == "adversarial"):
            told = "no" if option == "adversarial" else "an"
            fitting = [
                n for n in parts.names("losses") if _is_game(parts.find("losses", n)) != _is_game(value)
            ]
            raise RecipeError(
                f"objective.{option} is {(stage.objective.model_extra or {})[option]['part']!r}, {told} "
                "adversarial loss",
                f"known here: {', '.join(fitting)}",
            )
    if device is not None:
        options = {k: v.to(device) if isinstance(v, nn.Module) else v for k, v in options.items()}
    return functools.partial(game, **options)


def _is_game(loss: object) -> bool:
    return hasattr(loss, "judge")


def augmentations(stage: Stage) -> list[Augmentation]:
    """What a stage does to its images, in order; raises RecipeError as `build` does."""
    return [_construct("augmentations", table, "data.augment") for table in stage.data.augment]


def schedules(stage: Stage) -> dict[str, Callable[[float], float]]:
    """By player, what its learning rate is multiplied by when a share (0 to 1) of the stage is done."""
    return {
        name: _construct("schedules", player.schedule, f"players.{name}.schedule")
        for name, player in stage.players.items()
    }


def known_role(role: str, roles: Mapping[str, object] | nn.ModuleDict, where: str) -> None:
    """Raise RecipeError, naming the place, for a role that is not there."""
    if role not in roles:
        raise RecipeError(f"{where} names the role {role!r}", parts.did_you_mean(role, sorted(roles.keys())))


def _construct(kind: str, table: Part, where: str) -> Any:
    part = _find(kind, table.part, where)
    options = _options(kind, table, where)
    _check_options(part, options, where)
    try:
        return part(**options)
    except (TypeError, ValueError, RuntimeError, ArithmeticError, LookupError) as problem:
        raise RecipeError(f"{where}: {problem}", f"see {table.part} in the documentation") from None


def _options(kind: str, table: Part, where: str) -> dict[str, Any]:
    """A part's options; those that are tables name parts of that kind, and are built."""
    options = dict(table.model_extra or {})
    for key, value in options.items():
        if isinstance(value, dict):
            if "part" not in value:
                raise RecipeError(f"{where}.{key} names no part", f"known: {', '.join(parts.names(kind))}")
            options[key] = _construct(kind, Part.model_validate(value), f"{where}.{key}")
    return options


def _find(kind: str, name: str, where: str) -> Any:
    try:
        return parts.find(kind, name)
    except MissingPart as problem:
        raise RecipeError(f"{where}: {problem.message}", problem.hint) from None


def _check_options(part: Any, options: Mapping[str, Any], where: str, skip: int = 0) -> None:
    accepted = list(inspect.signature(part).parameters)[skip:]
    for option in options:
        if option not in accepted:
            raise RecipeError(f"{where} has no option {option!r}", parts.did_you_mean(option, accepted))
