"""Chooses the model of a command: the one that --model names, else the default. Says which, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli.cli import console

if TYPE_CHECKING:
    from s2f_cli.models.domains import Domain
    from s2f_cli.models.locate import Ability, Default


def named(model: str) -> Path:
    """The file of the model that --model names: a file, a run, or a name of `s2f models`.

    Raises BundleError for an unknown name, RunError for a folder without a model.
    """
    from s2f_cli.models import locate, zoo

    path = locate.locate(model)
    console.say(f"using the model {zoo.name_of(path)}")
    return path


def choose(model: str | None, to: Domain, ability: Ability = "directions") -> Path:
    """The file of the model that --model names, or of the default model for the domain `to`.

    Raises RunError if there is no default, else as `named`.
    """
    from s2f_cli.models import locate

    return named(model) if model is not None else _announced(locate.choose_default(to, ability))


def defaults(to: Domain | None = None) -> dict[Domain, Path]:
    """The default model of each direction, or only of the direction to `to`.

    Raises RunError if there is none.
    """
    from s2f_cli.models import locate

    chosen = locate.defaults(to)
    for default in dict.fromkeys(chosen.values()):
        _announced(default)
    return {domain: default.file for domain, default in chosen.items()}


def _announced(default: Default) -> Path:
    from s2f_cli.models import zoo

    console.say(f"using the model {zoo.name_of(default.file)}: {default.reason}; choose another with --model")
    for run in default.unfinished:
        console.say(f"not used: {run}; name it with --model to use it")
    return default.file
