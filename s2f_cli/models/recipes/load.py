"""Read a recipe by name or file, apply overrides, and check its tables.

A recipe is one complete TOML file (`s2f recipes show NAME`): image size, networks by role, directions, and
one stage of training, or several under `[[stages]]` that run in order over the same networks.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes.overrides import apply
from s2f_cli.models.recipes.schema import Recipe, Stage

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The names of the recipes that come with s2f, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def file_of(name: str) -> Path:
    """The file of a recipe, by its name or by the path of a file that ends in .toml.

    Raises RecipeError when there is none.
    """
    if name.endswith(".toml"):
        if not Path(name).is_file():
            raise RecipeError(f"there is no recipe file {name}", "check the path")
        return Path(name)
    if name not in names():
        raise RecipeError(f"there is no recipe {name!r}", registry.did_you_mean(name, names()))
    return FOLDER / f"{name}.toml"


def read(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe by name or file, with `key=value` overrides (`weights.cycle=5`,
    `networks.to_face.part=resnet`).

    Values are TOML; what is not is taken as a string. In a recipe of several stages a stage is
    `stages.NAME.…`, and a key of a stage without that prefix is set in all of them.

    Raises RecipeError naming the file, the key and the accepted ones.
    """
    file = file_of(name)
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RecipeError(f"{file} is not TOML: {problem}", "mend the file") from None
    if "stages" not in document:
        document["stages"] = [{k: document.pop(k) for k in list(document) if k in Stage.model_fields}]
        document["stages"][0].pop("name", None)
    document["name"] = file.stem
    label = str(file) if file.parent != FOLDER else f"recipe {file.stem}"
    validate(document, label)
    for override in overrides:
        apply(document, override)
    return validate(document, label).without_unused()


def validate(document: Mapping[str, Any], label: str) -> Recipe:
    """A recipe from plain data; raises RecipeError, its message led by `label`."""
    try:
        return Recipe.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(p) for p in first["loc"] if p != "stages" and not isinstance(p, int))
        reason = first["msg"].removeprefix("Value error, ")
        raise RecipeError(
            f"{label}{f', {where}' if where else ''}: {reason}",
            "see `s2f recipes show NAME` for a complete one",
        ) from None
