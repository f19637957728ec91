"""A folder is a registry: `networks/unet.py` *is* the network `unet`.

The one public name in a part's `__all__` is the part. Names are listed without importing anything; modules
whose name starts with an underscore are helpers shared by the parts beside them.
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
"""The kinds of parts, each with its package below `s2f_cli`."""


def names(kind: str) -> list[str]:
    """The sorted names of the parts of a kind (`networks`, `losses`, `metrics` …); imports none of them."""
    folder = Path(__file__).parents[1].joinpath(*KINDS[kind].split("."))
    return sorted(m.name for m in pkgutil.iter_modules([str(folder)]) if not m.name.startswith("_"))


def find(kind: str, name: str) -> Any:
    """The part `name` of a kind.

    Raises MissingPart when there is none of that name (the hint lists them all, the nearest first).
    """
    known = names(kind)
    if name not in known:
        raise MissingPart(f"there is no {name!r} among the {kind}", did_you_mean(name, known))
    module = importlib.import_module(f"s2f_cli.{KINDS[kind]}.{name}")
    (only,) = module.__all__
    return getattr(module, only)


def did_you_mean(name: str, known: list[str]) -> str:
    """A hint for a mistyped name: the nearest known one if any is near, then all of them."""
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return f"{guess}known: {', '.join(known) or 'none'}"
