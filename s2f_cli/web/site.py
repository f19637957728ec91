"""The page as a folder of files for any static host, and what it is told of its models."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core.files import atomic_write
from s2f_cli.core.images import Domain, other
from s2f_cli.models.bundle import Card

PAGE = Path(__file__).parent / "page"
RUNTIME = "ort"
"""The folder of ONNX Runtime Web beside the page."""
MODELS = "models"
CONFIG = "page.json"

Engine = Literal["browser", "server"]


def about(card: Card, name: str, to: Domain) -> dict[str, Any]:
    """What the page says of one direction of a model."""
    recipe = card.recipe
    return {
        "name": name,
        "source": other(to),
        "to": to,
        "size": recipe.image.side(other(to)),
        "title": recipe.title,
        "data": card.data,
        "licence": card.licence,
        "notes": card.notes,
    }


def config(engine: Engine, models: Sequence[Mapping[str, Any]]) -> str:
    """`page.json`: where the models run, and which there are."""
    return json.dumps({"engine": engine, "models": models}, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path, models: Sequence[Mapping[str, Any]], runtime: Mapping[str, bytes]) -> None:
    """Write the page to a folder in which the models lie already.

    `models` are what `about` says of each, with `file` (from the folder) and `bytes`. Raises S2FError when
    the folder cannot be written.
    """
    for source in sorted(PAGE.iterdir()):
        atomic_write(folder / source.name, source.read_bytes())
    for name, content in runtime.items():
        atomic_write(folder / RUNTIME / name, content)
    atomic_write(folder / CONFIG, config("browser", models))
