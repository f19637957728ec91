"""A recipe played without data: what cannot be trained is refused before it starts."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.core.images import DOMAINS, Domain, other
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.construct import known_role
from s2f_cli.models.recipes.schema import CHAINS, Recipe, Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_augmentations, build_objective, build_schedules


def check(recipe: Recipe) -> None:
    """Play every stage once on tensors without data, so that what cannot train is refused before it starts.

    Raises RecipeError for sizes that do not divide, networks that do not fit together, players without roles,
    weights of terms that do not exist and terms without a weight.
    """
    with torch.device("meta"):
        nets = build_networks(recipe)
        _check_sizes(recipe, nets)
        pictures = {d: torch.empty(2, *recipe.image.shape(d)) for d in DOMAINS}
        _check_chains(recipe, nets, pictures)
        for stage in recipe.stages:
            build_schedules(stage)
            for name, player in stage.players.items():
                for role in player.trains:
                    known_role(role, nets, f"players.{name}")
                if not any(p.numel() for role in player.trains for p in nets[role].parameters()):
                    raise RecipeError(f"players.{name} has nothing to train", "name a role with weights")
            paired = stage.data.pairing == "paired"
            drawn = {d: _windowed(stage, pictures[d], nets) for d in stage.data.domains}
            batch = Batch.of(drawn, paired=paired)
            _check_weights(stage, _terms(stage, nets, batch))


def _check_sizes(recipe: Recipe, nets: Networks) -> None:
    sides = sorted({recipe.image.side(d) for d in DOMAINS})
    for role in nets:
        size, multiple, part = nets[role].size, nets[role].multiple, recipe.networks[role].part
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


def _windowed(stage: Stage, images: Tensor, nets: Networks) -> Tensor:
    """Images as the augmentations of a stage leave them, which may be smaller."""
    side = next((a.side for a in build_augmentations(stage) if a.side), None)
    if side is None:
        return images
    for role in nets:
        size, multiple = nets[role].size, nets[role].multiple
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
    for kind, chains in recipe.chains.items():
        for domain, chain in chains.items():
            source = other(domain) if kind == "directions" else domain
            told = "noise" if kind == "samples" else f"a {source}"
            try:
                given = nets.noise(2, domain) if kind == "samples" else pictures[source]
                made = nets.run_chain(chain, given)
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
        for move in build_objective(stage)(nets, batch):
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
        raise RecipeError(f"weights.{name} weighs no term", registry.did_you_mean(name, sorted(known)))
    for name in sorted(known - stage.weights.keys()):
        raise RecipeError(f"the term {name!r} has no weight", f"set weights.{name}, 0 to leave it out")
