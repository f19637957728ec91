"""Read a recipe by name or file, apply overrides, and check its tables.

A recipe is one complete TOML file (`s2f recipes show NAME`) with the image size, the networks by role, the
directions, and one stage of training, or several under `[[stages]]`, which train the same networks in turn.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from s2f_cli.core import documents, registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes import conditions
from s2f_cli.models.recipes.overrides import apply
from s2f_cli.models.recipes.schema import Recipe, Stage

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The sorted names of the recipes shipped with s2f."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def file_of(name: str) -> Path:
    """The file of a recipe, from its name or the path of a file that ends in .toml.

    Raises RecipeError if there is none.
    """
    if name.endswith(".toml"):
        if not Path(name).is_file():
            raise RecipeError(f"there is no recipe file {name}", "check the path")
        return Path(name)
    if name not in names():
        raise RecipeError(f"there is no recipe {name!r}", registry.did_you_mean(name, names()))
    return FOLDER / f"{name}.toml"


def read(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe by name or file, and apply overrides such as `weights.cycle=5`.

    Values are TOML; anything else is a string. In a recipe with several stages, `stages.NAME.KEY` addresses
    one stage; a stage's key without that prefix is set in all of them.

    Raises RecipeError naming the file, the key and the accepted keys.
    """
    file = file_of(name)
    try:
        document = documents.from_toml(file.read_bytes())
    except ValueError as problem:
        raise RecipeError(f"{file} is not valid TOML: {problem}", "fix the file") from None
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
    """Check a recipe given as plain data; raises RecipeError whose message starts with `label`."""
    try:
        return Recipe.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        hidden = {"stages", *conditions.KINDS}
        where = ".".join(str(p) for p in first["loc"] if p not in hidden and not isinstance(p, int))
        reason = first["msg"].removeprefix("Value error, ")
        raise RecipeError(
            f"{label}{f', {where}' if where else ''}: {reason}",
            "see a complete recipe with `s2f recipes show NAME`",
        ) from None
