"""Validation of a recipe before training: one step of every stage on tensors without data."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError, first_line
from s2f_cli.models.build import build_networks
from s2f_cli.models.domains import DOMAINS, Domain, other
from s2f_cli.models.recipes.construct import NONSENSE, check_role
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_augmentations, build_objective, build_schedules

_TRANSLATE = ("directions", "refinements")
"""The tables of chains that start from images of the other domain."""
_CHANNELS_HINT = "compare its in_channels with image.channels"
_checked: set[str] = set()
"""The recipes that have passed, as JSON: a process that trains one often checks it once."""


def check(recipe: Recipe) -> None:
    """Check that a recipe can be trained, by running one step of every stage on torch's meta device.

    Raises RecipeError if a size does not divide, networks do not fit together, a player has no roles or
    nothing to train, a weight belongs to no term, or a term has no weight.
    """
    key = recipe.model_dump_json()
    if key not in _checked:
        _check(recipe)
        _checked.add(key)


def _check(recipe: Recipe) -> None:
    with torch.device("meta"):
        networks = build_networks(recipe)
        _check_sizes(recipe, networks)
        images = {domain: torch.empty(2, *recipe.image.shape(domain)) for domain in DOMAINS}
        _check_chains(recipe, networks, images)
        for stage in recipe.stages:
            build_schedules(stage)
            _check_players(stage, networks)
            augmented = {d: _augmented(stage, images[d], networks) for d in stage.data.domains}
            vectors = torch.empty(2, recipe.conditions.width) if recipe.conditions else None
            batch = Batch.of(augmented, paired=stage.data.pairing == "paired", conditions=vectors)
            _check_weights(stage, _terms_by_player(stage, networks, batch))


def _check_sizes(recipe: Recipe, networks: Networks) -> None:
    sides = sorted({recipe.image.side(domain) for domain in DOMAINS})
    for role in networks:
        size, multiple = networks[role].size, networks[role].multiple
        part = recipe.networks[role].part
        if size is not None and size not in sides:
            raise RecipeError(
                f"image.size is {' and '.join(map(str, sides))}, but {role} ({part}) is built for {size}",
                f"set image.size={size}, or networks.{role} for another size",
            )
        if all(side % multiple for side in sides):
            raise RecipeError(
                f"image.size {sides[0]} is not a multiple of {multiple}, which {role} ({part}) needs",
                f"use {max(sides[0] // multiple, 1) * multiple}",
            )


def _check_chains(recipe: Recipe, networks: Networks, images: Mapping[Domain, Tensor]) -> None:
    if not recipe.used:
        raise RecipeError(
            "the recipe has no chains of roles", f"give it a chain in one of {', '.join(recipe.chains)}"
        )
    if recipe.conditions and not recipe.directions:
        raise RecipeError(
            "conditions are given to the networks of directions, and the recipe has none",
            "remove the conditions, or add directions",
        )
    vectors = torch.empty(2, recipe.conditions.width) if recipe.conditions else None
    for kind, chains in recipe.chains.items():
        for domain, chain in chains.items():
            source = other(domain) if kind in _TRANSLATE else domain
            try:
                if kind == "directions":
                    outputs = networks.translate(images[source], domain, vectors)
                elif kind == "refinements":
                    outputs = networks.refine(images[source], images[domain], domain, vectors)
                else:
                    inputs = networks.noise(2, domain) if kind == "samples" else images[source]
                    outputs = networks.run_chain(chain, inputs)
            except NONSENSE as error:
                input_name = "noise" if kind == "samples" else f"a {source}"
                too = " with conditions" if kind in _TRANSLATE and recipe.conditions else ""
                raise RecipeError(
                    f"{kind}.{domain}: {' → '.join(chain)} cannot take {input_name}{too}: "
                    f"{first_line(error)}",
                    _channels_hint(recipe, kind, domain) if too else _CHANNELS_HINT,
                ) from None
            if outputs.shape != images[domain].shape:
                shape = tuple(images[domain].shape[1:])
                raise RecipeError(
                    f"{kind}.{domain} returns images of shape {tuple(outputs.shape[1:])}, not {shape}",
                    "compare its out_channels with image.channels, and its size with image.size",
                )


def _channels_hint(recipe: Recipe, kind: str, to: Domain) -> str:
    """The fix for a network that does not take the planes of the conditions, with the numbers to set."""
    role = recipe.chains[kind][to][0]
    coarse = recipe.image.channels[to] if kind == "refinements" else 0
    needed, conditions, table = recipe.source_channels(to) + coarse, recipe.conditions, recipe.networks[role]
    if "in_channels" not in inspect.signature(registry.find("networks", table.part)).parameters:
        return f"choose another network: {table.part} cannot be given conditions"
    if (table.model_extra or {}).get("in_channels") == needed:
        return _CHANNELS_HINT
    planes = ", ".join(f"{condition.width} of {name}" for name, condition in conditions.root.items())
    return f"set networks.{role}.in_channels={needed}: {needed - conditions.width} of the image, {planes}"


def _check_players(stage: Stage, networks: Networks) -> None:
    for name, player in stage.players.items():
        for role in player.trains:
            check_role(role, networks, f"players.{name}")
        if not any(p.numel() for role in player.trains for p in networks[role].parameters()):
            raise RecipeError(f"players.{name} has nothing to train", "name a role with weights")


def _augmented(stage: Stage, images: Tensor, networks: Networks) -> Tensor:
    """Return images of the size that the augmentations of a stage return."""
    side = next((a.output_side for a in build_augmentations(stage) if a.output_side), None)
    if side is None:
        return images
    for role in networks:
        size, multiple = networks[role].size, networks[role].multiple
        if size is not None and size != side:
            raise RecipeError(
                f"data.augment: {role} is built for images of {size} pixels, not for windows of {side}",
                "remove the option window",
            )
        if side % multiple:
            raise RecipeError(
                f"data.augment: {role} needs a multiple of {multiple}, not windows of {side}",
                f"use {max(side // multiple, 1) * multiple}",
            )
    return images.new_empty(*images.shape[:2], side, side)


def _terms_by_player(stage: Stage, networks: Networks, batch: Batch) -> dict[str, set[str]]:
    """Run the objective of a stage; return the names of the terms of each player."""
    terms: dict[str, set[str]] = {}
    with _last_call(networks) as call:
        try:
            for move in build_objective(stage)(networks, batch):
                call.clear()
                for player, losses in move.items():
                    terms.setdefault(player, set()).update(losses)
        except NONSENSE as error:
            where = "".join(call) if isinstance(error, RuntimeError) else ""
            vectors = batch.conditions
            planes = "" if vectors is None else f"; conditions add {vectors.shape[1]} channels to each source"
            raise RecipeError(
                f"the objective {stage.objective.part} cannot run: {where}{first_line(error)}",
                f"compare the roles, channels and data.pairing with a recipe that uses it{planes}",
            ) from None
    if terms.keys() != stage.players.keys():
        raise RecipeError(
            f"the objective {stage.objective.part} has the players {', '.join(sorted(terms)) or 'none'}, the "
            f"recipe has {', '.join(sorted(stage.players)) or 'none'}",
            "name the players as the objective does",
        )
    return terms


@contextmanager
def _last_call(networks: Networks) -> Iterator[list[str]]:
    """Record the last call of a network in a block, as a list with at most one text to start a message."""
    call: list[str] = []

    def record(role: str) -> Any:
        def hook(_: nn.Module, arguments: tuple[Any, ...]) -> None:
            shape = (
                "×".join(map(str, arguments[0].shape[1:])) if isinstance(arguments[0], Tensor) else "no image"
            )
            call[:] = [f"{role}, given {shape}: "]

        return hook

    hooks = [networks[role].register_forward_pre_hook(record(role)) for role in networks]
    try:
        yield call
    finally:
        for hook in hooks:
            hook.remove()


def _check_weights(stage: Stage, terms: Mapping[str, set[str]]) -> None:
    known = set().union(*terms.values())
    for name in sorted(stage.weights.keys() - known):
        raise RecipeError(f"weights.{name} belongs to no term", registry.did_you_mean(name, sorted(known)))
    for name in sorted(known - stage.weights.keys()):
        raise RecipeError(f"the term {name!r} has no weight", f"set weights.{name}; 0 leaves it out")
