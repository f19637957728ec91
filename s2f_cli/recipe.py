"""Recipes: what is trained, as data. Read one, override it, check it, build its networks and objective.

A recipe is one complete TOML file (`s2f recipes show NAME`): image size, networks by role, directions, and one
stage of training, or several under `[[stages]]` that run in order over the same networks.
"""

import functools
import inspect
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from torch import nn

from s2f_cli import parts
from s2f_cli.errors import MissingPart, RecipeError
from s2f_cli.images import DOMAINS, Domain, Fit, other
from s2f_cli.roles import Batch, Networks, Objective

FOLDER = Path(__file__).parent / "recipes"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, table: Any) -> Any:
        if isinstance(table, dict):
            for key in table.keys() - cls.model_fields.keys():
                raise ValueError(f"unknown key {key!r}; {parts.did_you_mean(key, sorted(cls.model_fields))}")
        return table


class Part(BaseModel):
    """A table that names a part and its options; an option that is itself such a table is built first."""

    model_config = ConfigDict(extra="allow", frozen=True)
    part: str


class ImageTable(_Table):
    """The square that images become in training, and the channels of each domain."""

    size: Annotated[int, Field(ge=8, le=4096)]
    fit: Fit
    channels: dict[Domain, Literal[1, 3]]


class DataTable(_Table):
    """How batches are drawn."""

    pairing: Literal["paired", "unpaired"]
    augment: tuple[Literal["flip", "eight"], ...] = ()


class Player(_Table):
    """Roles that are trained together, and by which optimiser."""

    trains: Annotated[tuple[str, ...], Field(min_length=1)]
    optimizer: Literal["adam"] = "adam"
    learning_rate: Annotated[float, Field(gt=0)]
    betas: tuple[float, float] = (0.9, 0.999)
    amsgrad: bool = False


class Stage(_Table):
    """One stage of training."""

    name: str = "train"
    epochs: Annotated[int, Field(ge=1)] | None = None
    steps: Annotated[int, Field(ge=1)] | None = None
    batch_size: Annotated[int, Field(ge=1)]
    data: DataTable
    objective: Part
    weights: dict[str, float]
    players: dict[str, Player]

    @model_validator(mode="after")
    def _one_length(self) -> "Stage":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either epochs or steps")
        return self

    def length(self, images: int) -> int:
        """The number of steps of the stage when an epoch has that many images."""
        return self.steps or math.ceil((self.epochs or 0) * images / self.batch_size)


class Recipe(_Table):
    """Everything that decides what is trained; two equal recipes, seeds and data sets give equal weights."""

    name: str
    title: str
    source: str
    image: ImageTable
    networks: dict[str, Part]
    directions: dict[Domain, tuple[str, ...]]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    reported: tuple[dict[str, Any], ...] = ()
    """Numbers that the report prints, for comparison."""

    def lasting(self, steps: int | None = None, epochs: int | None = None) -> "Recipe":
        """The same recipe with another length of each stage; unchanged when neither is given."""
        if steps is None and epochs is None:
            return self
        length = {"steps": steps, "epochs": epochs if steps is None else None}
        return self.model_copy(update={"stages": tuple(s.model_copy(update=length) for s in self.stages)})


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
    """A recipe by name or file, with `key=value` overrides (`weights.cycle=5`, `networks.to_face.part=resnet`).

    Values are TOML; what is not is taken as a string. In a recipe of several stages a stage is `stages.NAME.…`, and
    a key of a stage without that prefix is set in all of them.

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
    for override in overrides:
        _override(document, override)
    return validate(document, str(file) if file.parent != FOLDER else f"recipe {file.stem}")


def validate(document: Mapping[str, Any], label: str) -> Recipe:
    """A recipe from plain data (a TOML document, a bundle's card); raises RecipeError, its message led by `label`."""
    try:
        return Recipe.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(p) for p in first["loc"] if p != "stages" and not isinstance(p, int))
        reason = first["msg"].removeprefix("Value error, ")
        raise RecipeError(
            f"{label}{f', {where}' if where else ''}: {reason}", "see `s2f recipes show NAME` for a complete one"
        ) from None


def _override(document: dict[str, Any], text: str) -> None:
    key, equals, written = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(f"--set {text!r} is not of the form key=value", "for example --set weights.cycle=5")
    try:
        value = tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        value = written
    path = key.strip().split(".")
    tables: list[Any] = [document]
    if path[0] == "stages":
        tables = [s for s in document["stages"] if s.get("name", "train") == path[1]]
        path = path[2:]
    elif path[0] in Stage.model_fields and path[0] != "name":
        tables = document["stages"]
    if not tables or not path:
        raise RecipeError(f"--set {key}: there is no such stage", "see `s2f recipes show NAME`")
    for table in tables:
        for step in path[:-1]:
            table = table.setdefault(step, {}) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise RecipeError(f"--set {key}: {path[-2]!r} is a value, not a table", "see `s2f recipes show NAME`")
        table[path[-1]] = value


def build(recipe: Recipe) -> Networks:
    """The networks of a recipe, freshly initialised from torch's random state.

    Raises RecipeError for a part or option that does not exist, or a direction that names no role.
    """
    for to, chain in recipe.directions.items():
        for role in chain:
            if role not in recipe.networks:
                raise RecipeError(
                    f"directions.{to} names the role {role!r}", parts.did_you_mean(role, sorted(recipe.networks))
                )
    roles: dict[str, nn.Module] = {}
    for role, table in recipe.networks.items():
        roles[role] = _construct("networks", table, f"networks.{role}")
    return Networks(roles, recipe.directions)


def objective(stage: Stage) -> Objective:
    """The objective of a stage with its losses; raises RecipeError for a part or option that does not exist."""
    options = {
        key: _construct("losses", Part.model_validate(value), f"objective.{key}")
        if isinstance(value, dict)
        else value
        for key, value in (stage.objective.model_extra or {}).items()
    }
    game = _find("objectives", stage.objective.part, "objective")
    _check_options(game, options, "objective", skip=2)
    return functools.partial(game, **options)


def check(recipe: Recipe) -> None:
    """Play every stage once on tensors without data, so that what cannot train is refused before it starts.

    Raises RecipeError for sizes that do not divide, networks that do not fit together, players without roles,
    weights of terms that do not exist and terms without a weight.
    """
    size, channels = recipe.image.size, recipe.image.channels
    if missing := [d for d in DOMAINS if d not in channels]:
        raise RecipeError(f"image.channels lacks {missing[0]!r}", f"known: {', '.join(DOMAINS)}")
    with torch.device("meta"):
        nets = build(recipe)
        for role, network in nets.items():
            if size % network.multiple:
                raise RecipeError(
                    f"image.size {size} is not a multiple of {network.multiple}, which {role} "
                    f"({recipe.networks[role].part}) needs",
                    f"use {max(size // network.multiple, 1) * network.multiple}",
                )
        for stage in recipe.stages:
            batch = Batch(*(torch.empty(2, channels[d], size, size) for d in DOMAINS))
            _check_directions(recipe, nets, batch)
            _check_weights(stage, _terms(stage, nets, batch))
            for name, player in stage.players.items():
                for role in player.trains:
                    if role not in nets:
                        raise RecipeError(
                            f"players.{name} trains the role {role!r}", parts.did_you_mean(role, sorted(nets))
                        )


def _check_directions(recipe: Recipe, nets: Networks, batch: Batch) -> None:
    for to in recipe.directions:
        try:
            made = nets.translate(batch.source(to), to)
        except (RuntimeError, ValueError) as problem:
            raise RecipeError(
                f"directions.{to}: {' → '.join(recipe.directions[to])} cannot take a {other(to)}: {problem}",
                "compare its in_channels with image.channels",
            ) from None
        if made.shape != batch[to].shape:
            raise RecipeError(
                f"directions.{to} makes images of shape {tuple(made.shape[1:])}, not {tuple(batch[to].shape[1:])}",
                "compare its out_channels with image.channels",
            )


def _terms(stage: Stage, nets: Networks, batch: Batch) -> dict[str, set[str]]:
    terms: dict[str, set[str]] = {}
    try:
        for move in objective(stage)(nets, batch):
            for player, losses in move.items():
                terms.setdefault(player, set()).update(losses)
    except (RuntimeError, ValueError, AttributeError) as problem:
        raise RecipeError(
            f"the objective {stage.objective.part} cannot play with these networks: {problem}",
            "compare the roles and channels with a recipe that uses it",
        ) from None
    if terms.keys() != stage.players.keys():
        raise RecipeError(
            f"the objective {stage.objective.part} has the players {', '.join(sorted(terms))}, the recipe has "
            f"{', '.join(sorted(stage.players))}",
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
    options = table.model_extra or {}
    _check_options(part, options, where)
    try:
        return part(**options)
    except (TypeError, ValueError) as problem:
        raise RecipeError(f"{where}: {problem}", f"see {table.part} in the documentation") from None


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
