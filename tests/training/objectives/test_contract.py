"""The contract of objectives, for every file in the folder and every stage of a recipe."""

import importlib
import re

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.domains import DOMAINS
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_objective

NAMES = registry.names("objectives")
STAGES = [
    (recipe, stage) for name in recipes.names() for recipe in [recipes.read(name)] for stage in recipe.stages
]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_uses_it(name: str) -> None:
    assert any(stage.objective.part == name for _, stage in STAGES)


@pytest.mark.parametrize("name", NAMES)
def test_names_its_source(name: str) -> None:
    module = importlib.import_module(f"s2f_cli.training.objectives.{name}")
    assert re.search(
        r"[Rr]eports? [A-E]\b|\b(19|20)\d\d\b",
        f"{module.__doc__} {registry.find('objectives', name).__doc__}",
    )


@pytest.mark.parametrize(
    ("recipe", "stage"), STAGES, ids=[f"{recipe.name}-{stage.name}" for recipe, stage in STAGES]
)
def test_gradients_reach_every_weight_of_every_player(recipe: Recipe, stage: Stage) -> None:
    """At full size and without data; terms are scalars."""
    reached: dict[str, set[str]] = {player: set() for player in stage.players}
    with torch.device("meta"):
        nets = build_networks(recipe)
        batch = Batch.of(
            {d: torch.empty(2, *recipe.image.shape(d)) for d in stage.data.domains if d in DOMAINS},
            conditions=torch.empty(2, recipe.conditions.width) if recipe.conditions else None,
        )
        for move in build_objective(stage)(nets, batch):
            assert torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")
            for player, terms in move.items():
                assert all(loss.shape == () and loss.requires_grad for loss in terms.values())
                own = {
                    f"{role}.{key}": value
                    for role in stage.players[player].trains
                    for key, value in nets[role].named_parameters()
                }
                total = sum(list(terms.values())[1:], start=next(iter(terms.values())))
                gradients = torch.autograd.grad(
                    total, list(own.values()), retain_graph=True, allow_unused=True
                )
                reached[player] |= {
                    key for key, value in zip(own, gradients, strict=True) if value is not None
                }
    for name, player in stage.players.items():
        trained = {f"{role}.{key}" for role in player.trains for key, _ in nets[role].named_parameters()}
        assert reached[name] == trained
