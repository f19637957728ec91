"""The page as a folder of files for any static host, and its configuration."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core.files import atomic_write
from s2f_cli.inference.usage import describe_conditions
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain, other

PAGE = Path(__file__).parent / "page"
RUNTIME = "ort"
"""Folder of ONNX Runtime Web, relative to the page."""
MODELS = "models"
"""Folder of the models, relative to the page."""
CONFIG = "page.json"

PageEngine = Literal["browser", "server"]
"""Where the page runs its models."""


def describe(card: Card, name: str, to: Domain) -> dict[str, Any]:
    """Describe a direction of a model, for the page and `GET /models`."""
    recipe = card.recipe
    return {
        "name": name,
        "source": other(to),
        "to": to,
        "size": recipe.image.side(other(to)),
        "conditions": [each.model_dump() for each in describe_conditions(recipe.conditions)],
        "title": recipe.title,
        "data": card.data,
        "licence": card.licence,
        "notes": card.notes,
    }


def config(engine: PageEngine, models: Sequence[Mapping[str, Any]]) -> str:
    """The text of `page.json`: where the models run, and their descriptions from `describe`."""
    return json.dumps({"engine": engine, "models": models}, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path, models: Sequence[Mapping[str, Any]], runtime: Mapping[str, bytes]) -> None:
    """Write the page to a folder that holds the models already.

    Args:
        folder: The folder of the page.
        models: The description of each direction from `describe`, with `file` (relative to the folder) and
            `bytes`.
        runtime: The files of ONNX Runtime Web by name.

    Raises:
        S2FError: The folder cannot be written.
    """
    for source in sorted(PAGE.iterdir()):
        atomic_write(folder / source.name, source.read_bytes())
    for name, content in runtime.items():
        atomic_write(folder / RUNTIME / name, content)
    atomic_write(folder / CONFIG, config("browser", models))
