"""What every objective keeps to, in the games of the recipes; a new file is tested by being there."""

import importlib
import re

import pytest
import torch

from s2f_cli.core import registry
from s2f_cli.core.images import DOMAINS
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training.batch import Batch
from s2f_cli.training.build import build_objective

NAMES = registry.names("objectives")
GAMES = [(read, stage) for name in recipes.names() for read in [recipes.read(name)] for stage in read.stages]


@pytest.mark.parametrize("name", NAMES)
def test_some_recipe_plays_it(name: str) -> None:
    assert any(stage.objective.part == name for _, stage in GAMES)


@pytest.mark.parametrize("name", NAMES)
def test_says_where_it_comes_from(name: str) -> None:
    module = importlib.import_module(f"s2f_cli.training.objectives.{name}")
    assert re.search(
        r"[Rr]eports? [A-E]\b|\b(19|20)\d\d\b",
        f"{module.__doc__} {registry.find('objectives', name).__doc__}",
    )


@pytest.mark.parametrize(("read", "stage"), GAMES, ids=[f"{read.name}-{stage.name}" for read, stage in GAMES])
def test_every_player_moves_all_that_it_trains(read: Recipe, stage: Stage) -> None:
    """Played at full size without numbers: terms are scalars, and a gradient reaches every parameter."""
    reached: dict[str, set[str]] = {player: set() for player in stage.players}
    with torch.device("meta"):
        nets = build_networks(read)
        batch = Batch.of(
            {d: torch.empty(2, *read.image.shape(d)) for d in stage.data.domains if d in DOMAINS}
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
                found = torch.autograd.grad(total, list(own.values()), retain_graph=True, allow_unused=True)
                reached[player] |= {key for key, value in zip(own, found, strict=True) if value is not None}
    for name, player in stage.players.items():
        trained = {f"{role}.{key}" for role in player.trains for key, _ in nets[role].named_parameters()}
        assert reached[name] == trained
