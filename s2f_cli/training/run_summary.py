"""Runs in a folder: a summary of each, and the settings in which they differ. Imports no torch."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from s2f_cli.core import locks
from s2f_cli.core.errors import S2FError
from s2f_cli.models.card import Card, read_card
from s2f_cli.training.curves import Curves
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_lock import LOCK
from s2f_cli.training.run_log import LOG
from s2f_cli.training.run_settings import SETTINGS, RunSettings

State = Literal["running", "finished", "stopped"]
_DESCRIPTIONS = {"name", "title", "source", "reported"}
"""Keys of a recipe that do not change a training."""


@dataclass(frozen=True)
class RunSummary:
    """A run in one row of a table."""

    recipe: str
    changed: float
    """When it was logged or saved last, in seconds since 1970."""
    state: State
    """Whether a process trains it, it has reached its end, or neither."""
    step: int
    """The last step logged; 0 before the first."""
    steps: int
    """Steps of the whole training; 0 if it is not known before the first save."""
    seed: int
    precision: str
    data: str
    """The folder of the data set."""
    best: Mapping[str, float]
    """Scores of the best checkpoint by `SPLIT/METRIC:DOMAIN`, the deciding one first; may be empty."""
    last: Mapping[str, float]
    """The last value of each curve."""

    @classmethod
    def of(cls, folder: Path) -> "RunSummary":
        """Summarise a run folder. Raises RunError if it holds no run or a broken one."""
        run = Run.open(folder)
        settings, card = run.settings, _card(run.bundle)
        curves = Curves.of(folder) if (folder / LOG).is_file() else Curves()
        best = _card(run.best)
        step = int(max((points[-1][0] for points in curves.values()), default=card.step if card else 0))
        files = [file for file in (folder / SETTINGS, folder / LOG, run.bundle) if file.exists()]
        holder = locks.holder(folder / LOCK)
        finished = card is not None and card.finished and step <= card.step
        return cls(
            recipe=settings.recipe.name,
            changed=max(file.stat().st_mtime for file in files),
            state="running" if holder and holder.is_alive() else "finished" if finished else "stopped",
            step=step,
            steps=card.length if card else 0,
            seed=settings.seed,
            precision=settings.precision,
            data=settings.data,
            best=best.scores if best else {},
            last=curves.last(),
        )


def runs_below(folder: Path) -> Iterator[Path]:
    """The run folders in a folder and its subfolders, sorted."""
    yield from (file.parent for file in sorted(folder.rglob(SETTINGS)))


def differing_settings(folders: Sequence[Path]) -> dict[str, list[str]]:
    """The settings in which runs differ: key → the value of each run, `-` if a run lacks it.

    Compares every key of the recipes, as `--set` writes it, and the seed, the precision, the data set and the
    model that a run started from. Raises RunError if a folder holds no run.
    """
    settings = [_settings(Run.open(folder).settings) for folder in folders]
    keys = dict.fromkeys(key for values in settings for key in values)
    rows = {key: [values.get(key, "-") for values in settings] for key in keys}
    return {key: values for key, values in rows.items() if len(set(values)) > 1}


def _settings(run: RunSettings) -> dict[str, str]:
    recipe = run.recipe.model_dump(mode="json", exclude=_DESCRIPTIONS)
    stages = recipe.pop("stages")
    prefix = "" if len(stages) == 1 else "stages."
    values = {"recipe": run.recipe.name, "seed": str(run.seed), "precision": run.precision}
    values |= {"data": f"{run.data} {run.data_digest[:12]}", "init_from": run.init_from}
    for stage in stages:
        name = stage.pop("name")
        values |= dict(_flat(stage, f"{prefix}{name}" if prefix else ""))
    return values | dict(_flat(recipe))


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """The values of nested tables, by keys with dots."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    elif value is not None:
        yield key, value if isinstance(value, str) else json.dumps(value)


def _card(file: Path) -> Card | None:
    """The card of a model; None if there is none, or it cannot be read."""
    if file.exists():
        with suppress(S2FError):
            return read_card(file)
    return None
