"""Paths that are URLs: commands see local copies of them (extra `remote`)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from s2f_cli.core import remote

if TYPE_CHECKING:
    from s2f_cli.core.remote_copies import Copies

MODELS = frozenset({"model", "models"})
"""Parameters that may be the path of a model; on the Hugging Face Hub, `models.locate` finds it."""
OWN = frozenset({("translate", "inputs"), ("translate", "output")})
"""Parameters of commands that copy by themselves: a shard needs only some of its inputs and results."""
LOCAL = frozenset({("train", "output"), ("benchmark", "output")})
"""Folders that are written to for hours, and must survive when the machine does not."""


def with_copies(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose paths may be URLs: it sees copies, and what it writes to them is copied back.

    The command raises BadParameter for a URL that it cannot take, S2FError if a store cannot be read or
    written.
    """

    @functools.wraps(function)
    def command(**values: Any) -> Any:
        names = [
            name for name, value in values.items() if any(_is_url(name, item) for item in _listed(value))
        ]
        names = [name for name in names if (function.__name__, name) not in OWN]
        if not names:
            return function(**values)
        for name in names:
            if (function.__name__, name) in LOCAL:
                raise typer.BadParameter(f"--{name} takes no URL: name a local folder")
        from s2f_cli.core.remote_copies import copies

        with copies() as made:
            return function(**values | {name: _local(made, name, values[name]) for name in names})

    return command


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_url(name: str, value: Any) -> bool:
    if name in MODELS and str(value).startswith(("hf:/", "http:/", "https:/")):
        return False
    return (isinstance(value, Path) or (name in MODELS and isinstance(value, str))) and remote.is_url(value)


def _local(made: Copies, name: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_local(made, name, item) for item in value]
    return type(value)(made.copy(remote.url_of(value))) if _is_url(name, value) else value
