"""Translate recipes saved by version 0.1.0, in bundles and run folders, to the current names."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from s2f_cli.models.recipes.schema import Recipe

_PARTS = {"eight": "dihedral", "original": "nonsaturating", "remember": "memorize"}
"""Current names of parts, by their name in version 0.1.0."""


def upgrade(saved: Any) -> Any:
    """A saved recipe, as plain data, with the current names of parts and keys; other values unchanged.

    Values of wrong types are left to the schema, which names them.
    """
    try:
        return saved | {"stages": [_stage(stage) for stage in saved.get("stages", ())]}
    except (AttributeError, TypeError, ValueError):
        return saved


SavedRecipe = Annotated[Recipe, BeforeValidator(upgrade)]
"""A recipe in a bundle's card or a run folder, written by this version or by 0.1.0."""


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    data = stage.get("data", {})
    return stage | {
        "data": data | {"augment": [_part(table) for table in data.get("augment", ())]},
        "objective": _part(stage.get("objective", {})),
        "players": {name: _player(player) for name, player in stage.get("players", {}).items()},
    }


def _part(table: Any) -> Any:
    """A part's name, or its table, with the parts named in its options."""
    if isinstance(table, str):
        return _PARTS.get(table, table)
    renamed = {key: _part(value) if isinstance(value, dict) else value for key, value in table.items()}
    return renamed | ({"part": _PARTS.get(table["part"], table["part"])} if "part" in table else {})


def _player(player: dict[str, Any]) -> dict[str, Any]:
    """A player with `average` renamed to `ema_decay`, and without `optimizer`, which was always Adam."""
    current = {key: value for key, value in player.items() if key not in ("optimizer", "average")}
    return current | ({"ema_decay": player["average"]} if "average" in player else {})
