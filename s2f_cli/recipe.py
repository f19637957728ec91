"""Recipes: what is trained, as data. Read one, override it, check it, build its networks and objective.

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
from torch import Tensor, nn

from s2f_cli import parts
from s2f_cli.augmentations._contract import Augmentation
from s2f_cli.errors import MissingPart, RecipeError
from s2f_cli.images import DOMAINS, Domain, other
from s2f_cli.recipe_overrides import apply
from s2f_cli.recipe_tables import CHAINS, Part, Recipe, Stage
from s2f_cli.roles import Batch, Networks, Objective

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
                _known_role(role, recipe.networks, f"{kind}.{domain}")
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


def check(recipe: Recipe) -> None:
    """Play every stage once on tensors without data, so that what cannot train is refused before it starts.

    Raises RecipeError for sizes that do not divide, networks that do not fit together, players without roles,
    weights of terms that do not exist and terms without a weight.
    """
    with torch.device("meta"):
        nets = build(recipe)
        _check_sizes(recipe, nets)
        pictures = {d: torch.empty(2, *recipe.image.shape(d)) for d in DOMAINS}
        _check_chains(recipe, nets, pictures)
        for stage in recipe.stages:
            schedules(stage)
            for name, player in stage.players.items():
                for role in player.trains:
                    _known_role(role, nets, f"players.{name}")
                if not any(p.numel() for role in player.trains for p in nets[role].parameters()):
                    raise RecipeError(f"players.{name} has nothing to train", "name a role with weights")
            paired = stage.data.pairing == "paired"
            drawn = {d: _windowed(stage, pictures[d], nets) for d in stage.data.domains}
            batch = Batch.of(drawn, paired=paired)
            _check_weights(stage, _terms(stage, nets, batch))


def _known_role(role: str, roles: Mapping[str, object] | nn.ModuleDict, where: str) -> None:
    if role not in roles:
        raise RecipeError(f"{where} names the role {role!r}", parts.did_you_mean(role, sorted(roles.keys())))


def _check_sizes(recipe: Recipe, nets: Networks) -> None:
    sides = sorted({recipe.image.side(d) for d in DOMAINS})
    for role in nets:
        network, part = nets[role], recipe.networks[role].part
        size = getattr(network, "size", None)
        if size is not None and size not in sides:
            raise RecipeError(
                f"image.size is {' and '.join(map(str, sides))}, but {role} ({part}) is built for {size}",
                f"set image.size={size}, or networks.{role} for another size",
            )
        if all(side % network.multiple for side in sides):
            raise RecipeError(
                f"image.size {sides[0]} is not a multiple of {network.multiple}, which {role} ({part}) needs",
                f"use {max(sides[0] // network.multiple, 1) * network.multiple}",
            )


def _windowed(stage: Stage, images: Tensor, nets: Networks) -> Tensor:
    """Images as the augmentations of a stage leave them, which may be smaller."""
    side = next((a.side for a in augmentations(stage) if a.side), None)
    if side is None:
        return images
    for role in nets:
        size, multiple = getattr(nets[role], "size", None), nets[role].multiple
        if size is not None and size != side:
            raise RecipeError(
                f"data.augment: {role} is built for {size} pixels, not for windows", "take them out"
            )
        if side % multiple:
            fitting = max(side // multiple, 1) * multiple
            raise RecipeError(
                f"data.augment: {role} needs a multiple of {multiple}, not windows of {side}",
                f"use {fitting}",
            )
    return images.new_empty(*images.shape[:2], side, side)


def _check_chains(recipe: Recipe, nets: Networks, pictures: Mapping[Domain, Tensor]) -> None:
    if not recipe.used:
        raise RecipeError(
            "the recipe makes nothing", f"give it a chain of roles in one of {', '.join(CHAINS)}"
        )
    for kind in CHAINS:
        for domain, chain in getattr(recipe, kind).items():
            source = other(domain) if kind == "directions" else domain
            told = "noise" if kind == "samples" else f"a {source}"
            try:
                given = nets.noise(2, domain) if kind == "samples" else pictures[source]
                made = nets.follow(chain, given)
            except (RuntimeError, ValueError, AttributeError) as problem:
                raise RecipeError(
                    f"{kind}.{domain}: {' → '.join(chain)} cannot take {told}: {problem}",
                    "compare its in_channels with image.channels",
                ) from None
            if made.shape != pictures[domain].shape:
                shape = tuple(pictures[domain].shape[1:])
                raise RecipeError(
                    f"{kind}.{domain} makes images of shape {tuple(made.shape[1:])}, not {shape}",
                    "compare its out_channels with image.channels, and its size with image.size",
                )


def _terms(stage: Stage, nets: Networks, batch: Batch) -> dict[str, set[str]]:
    terms: dict[str, set[str]] = {}
    last = ""

    def called(role: str, given: tuple[Any, ...]) -> None:
        nonlocal last
        shape = "×".join(map(str, given[0].shape[1:])) if isinstance(given[0], Tensor) else "what it was"
        last = f"{role}, given {shape}: "

    hooks = [
        nets[role].register_forward_pre_hook(lambda _, given, role=role: called(role, given)) for role in nets
    ]
    try:
        for move in objective(stage)(nets, batch):
            last = ""
            for player, losses in move.items():
                terms.setdefault(player, set()).update(losses)
    except (RuntimeError, ValueError, AttributeError, KeyError, TypeError) as problem:
        where = last if isinstance(problem, RuntimeError) else ""
        raise RecipeError(
            f"the objective {stage.objective.part} cannot be played: {where}{problem}",
            "compare the roles, channels and data.pairing with a recipe that uses it",
        ) from None
    finally:
        for hook in hooks:
            hook.remove()
    if terms.keys() != stage.players.keys():
        raise RecipeError(
            f"the objective {stage.objective.part} has the players {', '.join(sorted(terms)) or 'none'}, the "
            f"recipe has {', '.join(sorted(stage.players)) or 'none'}",
            "name the players as the objective does",
        )
    return terms


def _check_weights(stage: Stage, terms: Mapping[str, set[str]]) -> None:
    known = set().union(*terms.values())
    for name in sorted(stage.weights.keys() - known):
        raise RecipeError(f"weights.{name} weighs no term", parts.did_you_mean(name, sorted(known)))
    for name in sorted(known - stage.weights.keys()):
        raise RecipeError(f"the term {name!r} has no weight", f"set weights.{name}, 0 to leave it out")


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
