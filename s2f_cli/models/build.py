"""From a recipe to its networks."""

from s2f_cli.core.errors import RecipeError
from s2f_cli.models.networks import Network
from s2f_cli.models.recipes.construct import construct, known_role
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks

_RESERVED = {*dir(Networks), "directions", "reconstructions", "samples"}
"""Attributes of `Networks`, which no role can be named after."""


def build_networks(recipe: Recipe) -> Networks:
    """The networks of a recipe, freshly initialised from torch's random state.

    Raises RecipeError for a part or option that does not exist, or a chain that names no role.
    """
    for kind, chains in recipe.chains.items():
        for domain, chain in chains.items():
            for role in chain:
                known_role(role, recipe.networks, f"{kind}.{domain}")
    roles: dict[str, Network] = {}
    for role, table in recipe.networks.items():
        if not role.isidentifier() or role in _RESERVED:
            raise RecipeError(f"a role cannot be called {role!r}", "choose another name, such as to_face")
        roles[role] = construct("networks", table, f"networks.{role}")
    return Networks(roles, recipe.directions, recipe.reconstructions, recipe.samples)
