"""From a recipe to its networks."""

from torch import nn

from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes.construct import construct, known_role
from s2f_cli.models.recipes.schema import CHAINS, Recipe
from s2f_cli.models.roles import Networks


def build_networks(recipe: Recipe) -> Networks:
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
        roles[role] = construct("networks", table, f"networks.{role}")
    return Networks(roles, **{kind: getattr(recipe, kind) for kind in CHAINS})
