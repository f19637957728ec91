"""Apply `--set KEY=VALUE` to a recipe before it is validated."""

import inspect
from typing import Any

from s2f_cli.core import documents, registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes.schema import Stage

_KIND_BELOW = {"networks": "networks", "objective": "losses", "players": "schedules"}
"""The kind of part that the tables below a key name."""
_INTERFACE = {"in_channels", "out_channels", "size"}
"""Options that a network keeps when its part is replaced."""
_LENGTHS = {"steps": "epochs", "epochs": "steps"}
"""A stage has one length, so setting one key removes the other."""


def apply(document: dict[str, Any], text: str) -> None:
    """Set a key of a recipe, which is still plain data, from the text `key=value`.

    Replacing a part drops the options that the new part does not take. Raises RecipeError for text of
    another form, an unknown stage, and a key below a value that is not a table.
    """
    key, equals, value_text = text.partition("=")
    if not equals or not key.strip():
        raise RecipeError(
            f"--set {text!r} is not of the form key=value", "write it like --set weights.cycle=5"
        )
    try:
        value = documents.from_toml(f"value = {value_text}")["value"]
    except ValueError:
        value = value_text
    path = key.strip().split(".")
    tables: list[Any] = [document]
    if path[0] == "stages":
        tables = [s for s in document["stages"] if s.get("name", "train") in path[1:2]]
        path = path[2:]
    elif path[0] in Stage.model_fields and path[0] != "name":
        tables = document["stages"]
    if not tables or not path:
        known = [f"stages.{s.get('name', 'train')}.KEY" for s in document["stages"]]
        hint = registry.did_you_mean(key.strip(), known)
        raise RecipeError(f"--set {key}: no stage has this name", hint)
    for root in tables:
        table: Any = root
        for step in path[:-1]:
            table = table.setdefault(step, {}) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            raise RecipeError(
                f"--set {key}: {path[-2]!r} is a value, not a table", "see `s2f recipes show NAME`"
            )
        if path[-1] == "part" and table.get("part", value) != value:
            _drop_options(
                table, "objectives" if path == ["objective", "part"] else _KIND_BELOW.get(path[0], ""), value
            )
        if len(path) == 1 and path[0] in _LENGTHS:
            table.pop(_LENGTHS[path[0]], None)
        table[path[-1]] = value


def _drop_options(table: dict[str, Any], kind: str, part: Any) -> None:
    """Drop the old part's options, except those the new part takes too (of a network: its interface)."""
    if not kind or part not in registry.names(kind):
        return
    known = inspect.signature(registry.find(kind, part)).parameters
    for option in list(table):
        if option not in known or (kind == "networks" and option not in _INTERFACE):
            del table[option]
