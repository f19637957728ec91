"""Parts by name: `networks/unet.py` *is* the network `unet`.

The only name in a module's `__all__` is the part. Names are listed without importing anything. Modules whose
names start with an underscore are helpers of the parts in the same folder.
"""

import difflib
import importlib
import pkgutil
from pathlib import Path
from typing import Any

from s2f_cli.core.errors import MissingPart

KINDS = {
    "aligners": "faces.aligners",
    "augmentations": "training.augmentations",
    "exporters": "export.formats",
    "losses": "training.losses",
    "metrics": "evaluation.metrics",
    "networks": "models.networks",
    "objectives": "training.objectives",
    "schedules": "training.schedules",
    "sketchers": "data.sketchers",
    "sources": "data.sources",
}
"""The kinds of parts, each with its package in `s2f_cli`."""


def names(kind: str) -> list[str]:
    """The sorted names of the parts of a kind (`networks`, `losses`, `metrics` …), without importing them."""
    folder = Path(__file__).parents[1].joinpath(*KINDS[kind].split("."))
    return sorted(m.name for m in pkgutil.iter_modules([str(folder)]) if not m.name.startswith("_"))


def find(kind: str, name: str) -> Any:
    """Import the part `name` of a kind.

    Raises MissingPart if it does not exist; the hint names the most similar part and lists all.
    """
    known = names(kind)
    if name not in known:
        raise MissingPart(f"there is no {name!r} among the {kind}", did_you_mean(name, known))
    module = importlib.import_module(f"s2f_cli.{KINDS[kind]}.{name}")
    (public,) = module.__all__
    return getattr(module, public)


def did_you_mean(name: str, known: list[str]) -> str:
    """A hint for a mistyped name: the most similar known name, if there is one, and all of them."""
    similar = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {similar[0]!r}? " if similar else ""
    return f"{guess}known: {', '.join(known) or 'none'}"
