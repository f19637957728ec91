"""The one rule by which a command takes models that were not named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from s2f_cli.cli import console

if TYPE_CHECKING:
    from s2f_cli.core.images import Domain
    from s2f_cli.training.run_folder import Doing


def choose(model: str | None, to: Domain | None = None, doing: Doing = "directions") -> Path:
    """The bundle to use: that of `--model` (a file, a run folder or a name of `s2f models`), else of the
    newest run in ./runs, else the one that comes with s2f.

    Of those that can make the domain `to`, by translating or out of noise. Says on stderr which one it took.

    Raises RunError when there is none.
    """
    path = _find(model, to, doing)
    console.say(f"using the model {path}")
    return path


def _find(model: str | None, to: Domain | None, doing: Doing) -> Path:
    from s2f_cli.core.errors import RunError
    from s2f_cli.models import zoo
    from s2f_cli.training import run_folder

    if model is None:
        try:
            return run_folder.newest(to=to, doing=doing) / run_folder.BUNDLE
        except RunError:
            shipped = zoo.default(to) if to and doing == "directions" else None
            if shipped is None:
                raise
            return shipped.path
    return run_folder.bundle_of(named(Path(model)))


def named(path: Path) -> Path:
    """A path as it is, but the file of a model where it is no more than a name of `s2f models`.

    Raises BundleError for a name that there is not.
    """
    from s2f_cli.models import zoo

    is_path = path.exists() or path.suffix or path.name != str(path)
    return path if is_path else zoo.find(path.name).path


def defaults(to: Domain | None = None) -> dict[Domain, Path]:
    """For each direction, or only that to `to`, the bundle that `choose` takes; raises RunError when there is
    none at all.
    """
    from s2f_cli.core.errors import RunError
    from s2f_cli.core.images import DOMAINS

    found: dict[Domain, Path] = {}
    problems: list[RunError] = []
    for domain in (to,) if to else DOMAINS:
        try:
            found[domain] = _find(None, domain, "directions")
        except RunError as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    for path in dict.fromkeys(found.values()):
        console.say(f"using the model {path}")
    return found
