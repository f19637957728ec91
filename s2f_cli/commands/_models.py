"""The one rule by which a command takes a model that was not named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli import console

if TYPE_CHECKING:
    from s2f_cli.images import Domain
    from s2f_cli.runs import Doing


def choose(model: str | None, to: Domain | None = None, doing: Doing = "directions") -> Path:
    """The bundle to use: that of `--model` (a file, a run folder or a name of `s2f models`), else of the
    newest run in ./runs, else the one that comes with s2f.

    Of those that can make the domain `to`, by translating or out of noise. Says on stderr which one it took.

    Raises RunError when there is none.
    """
    from s2f_cli import runs, store
    from s2f_cli.errors import RunError

    if model is None:
        try:
            path = runs.newest(to=to, doing=doing) / runs.BUNDLE
        except RunError:
            shipped = store.default(to) if to and doing == "directions" else None
            if shipped is None:
                raise
            path = shipped.path
    elif Path(model).exists() or Path(model).suffix or Path(model).name != model:
        path = runs.bundle_of(Path(model))
    else:
        path = store.find(model).path
    console.say(f"using the model {path}")
    return path
