"""Build the networks of a recipe."""

from s2f_cli.core.errors import RecipeError
from s2f_cli.models.networks import Network
from s2f_cli.models.recipes.construct import check_role, construct
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.models.roles import Networks

_RESERVED = {*dir(Networks), "directions", "refinements", "reconstructions", "samples"}
"""Attributes of `Networks`, which cannot name a role."""


def build_networks(recipe: Recipe) -> Networks:
    """Build the networks of a recipe, with weights initialised from torch's global random state.

    Raises RecipeError for an unknown part or option, a chain that names no role, and a reserved role name.
    """
    for kind, chains in recipe.chains.items():
        for domain, chain in chains.items():
            for role in chain:
                check_role(role, recipe.networks, f"{kind}.{domain}")
    roles: dict[str, Network] = {}
    for role, table in recipe.networks.items():
        if not role.isidentifier() or role in _RESERVED:
            raise RecipeError(f"a role cannot be called {role!r}", "choose another name, such as to_face")
        roles[role] = construct("networks", table, f"networks.{role}")
    return Networks(roles, **recipe.chains)
