"""Command-line options from the fields of dataclasses, which describe themselves with `Option`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer

if TYPE_CHECKING:
    from s2f_cli.data.options import Option

Instance = TypeVar("Instance")


def parameters(*classes: type) -> list[Parameter]:
    """The parameters of a command: one per field of the dataclasses, by the field's `Option`.

    A field without a default becomes an argument, one with a default an option. Fields of the same name
    become one option, which the first of them describes.
    """
    by_name: dict[str, Parameter] = {}
    for dataclass in classes:
        hints = get_type_hints(dataclass, include_extras=True)
        for field in fields(dataclass):
            by_name.setdefault(field.name, _parameter(field, *get_args(hints[field.name])))
    return list(by_name.values())


def _parameter(field: Field[Any], kind: Any, option: Option) -> Parameter:
    if get_origin(kind) is tuple:
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    metavar = option.metavar or None
    if field.default is MISSING:
        argument: Any = Annotated[kind, typer.Argument(help=option.help, metavar=metavar)]
        return Parameter(field.name, Parameter.KEYWORD_ONLY, annotation=argument)
    switch: Any = Annotated[
        kind,
        typer.Option(
            _flag(field),
            help=option.help,
            metavar=metavar,
            rich_help_panel=option.panel,
            show_default=option.default or field.default not in (None, "", ()),
        ),
    ]
    return Parameter(field.name, Parameter.KEYWORD_ONLY, annotation=switch, default=field.default)


def build(dataclass: type[Instance], values: Mapping[str, Any]) -> Instance:
    """An instance of the dataclass from the values of the command's parameters."""
    own = {field.name: values[field.name] for field in fields(dataclass)}  # type: ignore[arg-type]
    return dataclass(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
    )


def command_line(command: str, *instances: Any) -> str:
    """The command line that reproduces the dataclass instances; values equal to their default are omitted."""
    arguments, options = command.split(), dict[str, list[str]]()
    for instance in instances:
        for field in fields(instance):
            value = getattr(instance, field.name)
            values = value if isinstance(value, tuple) else (value,)
            if field.default is MISSING:
                arguments += map(str, values)
            elif value is True:
                options[_flag(field)] = [_flag(field)]
            elif value != field.default:
                options[_flag(field)] = [word for item in values for word in (_flag(field), str(item))]
    return shlex.join([*arguments, *(word for words in options.values() for word in words)])


def _flag(field: Field[Any]) -> str:
    return f"--{field.name.replace('_', '-')}"
