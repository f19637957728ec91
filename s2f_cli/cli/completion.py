"""Completion of names in the shell: models, recipes, metrics, styles, runs … Imports nothing heavy."""

from contextlib import suppress
from pathlib import Path

from s2f_cli.core import registry


def models(incomplete: str) -> list[str]:
    """Names of models and of run folders in ./runs."""
    from s2f_cli.models import zoo

    return _starting(incomplete, [*zoo.names(), *(f"runs/{name}" for name in _run_names())])


def recipes(incomplete: str) -> list[str]:
    """Names of recipes."""
    return _starting(incomplete, _tables("models/recipes"))


def metrics(incomplete: str) -> list[str]:
    """Lists of metrics."""
    return _last_starting(incomplete, registry.names("metrics"))


def styles(incomplete: str) -> list[str]:
    """The styles of the models of `s2f models`, and `all`."""
    from s2f_cli.core.errors import S2FError
    from s2f_cli.models import zoo
    from s2f_cli.models.recipes.conditions import ALL, Label

    names = {ALL}
    for model in zoo.models():
        with suppress(S2FError):
            style = model.card().recipe.conditions.root.get("style")
            names |= set(style.labels if isinstance(style, Label) else ())
    return _starting(incomplete, sorted(names))


def protocols(incomplete: str) -> list[str]:
    """Names of protocols."""
    return _starting(incomplete, _tables("evaluation/protocols"))


def sketchers(incomplete: str) -> list[str]:
    """Lists of sketchers."""
    return _last_starting(incomplete, registry.names("sketchers"))


def runs(incomplete: str) -> list[str]:
    """Names of runs in ./runs."""
    return _starting(incomplete, _run_names())


def _run_names() -> list[str]:
    return sorted(file.parent.relative_to("runs").as_posix() for file in Path("runs").rglob("run.json"))


def _tables(folder: str) -> list[str]:
    """The names of the TOML files in a folder of the package."""
    return sorted(file.stem for file in (Path(__file__).parents[1] / folder).glob("*.toml"))


def _last_starting(incomplete: str, names: list[str]) -> list[str]:
    """Completions of the last name of a list with commas."""
    done, comma, last = incomplete.rpartition(",")
    return [f"{done}{comma}{name}" for name in _starting(last, names)]


def _starting(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
