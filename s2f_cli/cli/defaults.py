"""Defaults of options that the user sets, in a file of their own or in pyproject.toml.

A table is named like a command, and a key like an option without its dashes: `[translate]` with
`style = "bold"` in the user's file, `[tool.s2f.translate]` in the pyproject.toml of the working directory,
which takes precedence. Options on the command line take precedence over both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from s2f_cli.core import documents, paths, registry
from s2f_cli.core.errors import S2FError, reason_of

OWN_TABLES = ("evaluate",)
"""Tables of pyproject.toml whose commands read them themselves, of keys that may hold tables."""


class Default(NamedTuple):
    """The default of an option, and the file that sets it."""

    command: tuple[str, ...]
    """The words of the command, such as `("runs", "list")`."""
    option: str
    """The option without its dashes."""
    value: Any
    file: Path


def files() -> tuple[Path, Path]:
    """The files that may set defaults, which need not exist: that of the user, and pyproject.toml."""
    return paths.config() / "config.toml", Path("pyproject.toml")


def read() -> list[Default]:
    """The defaults of both files; of two for one option, the last counts.

    Raises S2FError for a broken file.
    """
    users, projects = files()
    tables = _document(projects).get("tool", {}).get("s2f", {})
    options = {name: table for name, table in tables.items() if name not in OWN_TABLES}
    own = [
        Default((name,), key, value, projects)
        for name in OWN_TABLES
        if isinstance(tables.get(name), dict)
        for key, value in tables[name].items()
    ]
    return [*_flattened(_document(users), users), *_flattened(options, projects), *own]


def default_map(app: Any, found: list[Default]) -> dict[str, Any]:
    """The defaults as Click's `default_map`: a table of parameters in tables of commands.

    An option that a command reads itself is left out, also where the user's file has it. Raises S2FError for
    a command or an option that does not exist. Commands check the values.
    """
    result: dict[str, Any] = {}
    own = {
        (one.command, one.option) for one in found if one.command[0] in OWN_TABLES and one.file == files()[1]
    }
    for default in found:
        if (default.command, default.option) in own:
            continue
        command, table = app, result
        for word in default.command:
            commands = getattr(command, "commands", {})
            if word not in commands:
                raise _unknown(default.file, "command", word, list(commands))
            command, table = commands[word], table.setdefault(word, {})
        table[_parameter(command, default)] = default.value
    return result


def with_origin(problem: S2FError, applied: Iterable[Default]) -> S2FError:
    """An error whose message names the value of a default, with the file that sets it in its hint."""
    for default in applied:
        values = default.value if isinstance(default.value, list) else [default.value]
        words = "|".join(re.escape(str(value)) for value in values)
        if re.search(rf"(?<![\w-])({words})(?![\w-])", problem.message):
            origin = f"{default.file} sets {default.option} = {json.dumps(default.value, default=str)}"
            return S2FError(problem.message, "; ".join(filter(None, (problem.hint, origin))))
    return problem


def _parameter(command: Any, default: Default) -> str:
    """The name of the parameter of an option; raises S2FError as `default_map`."""
    options: dict[str, Any] = {
        name.removeprefix("--"): parameter
        for parameter in command.params
        if parameter.param_type_name == "option"
        for name in parameter.opts
        if name.startswith("--")
    }
    if default.option not in options:
        raise _unknown(
            default.file, f"option of `s2f {' '.join(default.command)}`", default.option, list(options)
        )
    return str(options[default.option].name)


def _document(file: Path) -> dict[str, Any]:
    try:
        return documents.from_toml(file.read_bytes()) if file.is_file() else {}
    except (ValueError, OSError) as problem:
        raise S2FError(
            f"{file} cannot be read: {reason_of(problem)}", "correct the file, or remove it"
        ) from None


def _flattened(table: Mapping[str, Any], file: Path, command: tuple[str, ...] = ()) -> Iterator[Default]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flattened(value, file, (*command, key))
        elif command:
            yield Default(command, key, value, file)
        else:
            raise S2FError(
                f"{file}: {key} is in no table of a command",
                f"put it below the command, as in [translate] {key} = …",
            )


def _unknown(file: Path, what: str, name: str, known: list[str]) -> S2FError:
    return S2FError(f"{file}: there is no {what} {name!r}", registry.did_you_mean(name, known))
