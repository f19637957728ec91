from pathlib import Path

import pytest
import torch

from s2f_cli.core.errors import RecipeError
from s2f_cli.models import recipes
from s2f_cli.models.build import build_networks


def test_the_seed_determines_the_initial_weights(tiny_recipe: Path) -> None:
    recipe = recipes.read(str(tiny_recipe))
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        states.append(build_networks(recipe).state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])


@pytest.mark.parametrize("role", ["noise", "directions", "keys", "to-face", "1"])
def test_reserved_and_invalid_role_names_are_refused(role: str, tiny_recipe: Path) -> None:
    recipe = recipes.read(str(tiny_recipe))
    networks = recipe.networks | {role: recipe.networks["to_face"]}
    with pytest.raises(RecipeError, match="a role cannot be called"):
        build_networks(recipe.model_copy(update={"networks": networks}))


def test_an_unknown_role_in_a_chain_is_refused(tiny_recipe: Path) -> None:
    recipe = recipes.read(str(tiny_recipe))
    with pytest.raises(RecipeError, match=r"samples\.face names the unknown role 'nobody'"):
        build_networks(recipe.model_copy(update={"samples": {"face": ("nobody",)}}))
