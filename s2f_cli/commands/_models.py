"""The one rule by which a command takes a model that was not named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli import console

if TYPE_CHECKING:
    from s2f_cli.images import Domain
    from s2f_cli.runs import Doing


def choose(model: Path | None, to: Domain | None = None, doing: Doing = "directions") -> Path:
    """The bundle to use: that of `--model` (a file or a run folder), else of the newest run in ./runs.

    Of the newest that can make the domain `to`, by translating or out of noise. Says on stderr which one it
    took.

    Raises RunError when there is none.
    """
    from s2f_cli import runs

    path = runs.bundle_of(model) if model else runs.newest(to=to, doing=doing) / runs.BUNDLE
    console.say(f"using the model {path}")
    return path
