"""Build the part that a table of a recipe names, with its options."""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import nn

from s2f_cli.core import registry
from s2f_cli.core.errors import MissingPart, RecipeError, first_line
from s2f_cli.models.recipes.schema import Part

NONSENSE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What parts raise if their options make no sense, or do not fit together."""


def check_role(role: str, roles: Mapping[str, object] | nn.ModuleDict, where: str) -> None:
    """Raise RecipeError if a role does not exist; `where` is the key that names it."""
    if role not in roles:
        raise RecipeError(
            f"{where} names the unknown role {role!r}", registry.did_you_mean(role, sorted(roles.keys()))
        )


def construct(kind: str, table: Part, where: str) -> Any:
    """Build the part of `kind` that a table names; raises RecipeError starting with the key `where`."""
    part = find(kind, table.part, where)
    options = build_options(kind, table, where)
    check_options(part, options, where)
    try:
        return part(**options)
    except NONSENSE as problem:
        raise RecipeError(
            f"{where}: {first_line(problem)}", f"see {table.part} in the documentation"
        ) from None


def build_options(kind: str, table: Part, where: str) -> dict[str, Any]:
    """Return a part's options, and build those that are tables, which name other parts of the same kind.

    Raises RecipeError starting with the key `where`.
    """
    options = dict(table.model_extra or {})
    for key, value in options.items():
        if isinstance(value, dict):
            if "part" not in value:
                raise RecipeError(f"{where}.{key} names no part", f"known: {', '.join(registry.names(kind))}")
            options[key] = construct(kind, Part.model_validate(value), f"{where}.{key}")
    return options


def find(kind: str, name: str, where: str) -> Any:
    """Return the part called `name`; raises RecipeError starting with the key `where` if there is none."""
    try:
        return registry.find(kind, name)
    except MissingPart as problem:
        raise RecipeError(f"{where}: {problem.message}", problem.hint) from None


def check_options(part: Any, options: Mapping[str, Any], where: str, skip: int = 0) -> None:
    """Raise RecipeError for an option the part does not take; its first `skip` arguments are not options."""
    accepted = list(inspect.signature(part).parameters)[skip:]
    for option in options:
        if option not in accepted:
            raise RecipeError(f"{where} has no option {option!r}", registry.did_you_mean(option, accepted))
