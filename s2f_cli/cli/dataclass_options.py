"""The fields of a dataclass as options of a command: each says once what it is, beside what uses it."""

import shlex
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from inspect import Parameter
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer


def parameters(*kinds: type) -> list[Parameter]:
    """The parameters of a command, one for each field of the dataclasses.

    A field is `Annotated[type, "its help"]`, with a short flag as a third where it has one.

    A field without a default becomes an argument, one with a default an option. A name that several of them
    have is one option, as the first describes it.
    """
    found: dict[str, Parameter] = {}
    for options in kinds:
        hints = get_type_hints(options, include_extras=True)
        for field in fields(options):
            found.setdefault(field.name, _parameter(field, *get_args(hints[field.name])))
    return list(found.values())


def _parameter(field: Field[Any], kind: Any, text: str, *short: str) -> Parameter:
    if get_origin(kind) is tuple:
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    if field.default is MISSING:
        argument: Any = Annotated[kind, typer.Argument(help=text)]
        return Parameter(field.name, Parameter.KEYWORD_ONLY, annotation=argument)
    shown = field.default not in (None, "", ())
    flags = (f"--{field.name.replace('_', '-')}", *short)
    option: Any = Annotated[kind, typer.Option(*flags, help=text, show_default=shown)]
    return Parameter(field.name, Parameter.KEYWORD_ONLY, annotation=option, default=field.default)


def build(options: type, given: Mapping[str, Any]) -> Any:
    """The dataclass with the values that the command was given."""
    values = {field.name: given[field.name] for field in fields(options)}
    return options(**{name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})


def command_line(command: str, *chosen: Any) -> str:
    """The command that gives these dataclasses, without what is a default anyway."""
    arguments, flags = command.split(), dict[str, list[str]]()
    for options in chosen:
        for field in fields(options):
            value = getattr(options, field.name)
            values = value if isinstance(value, tuple) else (value,)
            if field.default is MISSING:
                arguments += map(str, values)
            elif value != field.default:
                flag = f"--{field.name.replace('_', '-')}"
                flags[flag] = [flag] if value is True else [w for v in values for w in (flag, str(v))]
    return shlex.join([*arguments, *(word for words in flags.values() for word in words)])
