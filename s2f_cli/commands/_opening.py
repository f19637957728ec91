"""The settings of a run that begins, and the run that another order goes on with."""

from typing import Any

import torch

from s2f_cli import runs
from s2f_cli.commands._order import Order
from s2f_cli.errors import RunError
from s2f_cli.manifest import Manifest
from s2f_cli.recipe_tables import Recipe
from s2f_cli.runs import Run, Settings
from s2f_cli.training.settings import best_precision


def fresh(order: Order, recipe: Recipe, manifest: Manifest, device: torch.device) -> Settings:
    """What makes a run that was ordered this run."""
    return Settings(
        recipe=recipe,
        seed=order.seed or 0,
        precision=best_precision(device, recipe) if order.precision == "auto" else order.precision,
        data=str(order.data),
        data_source=f"{manifest.header.source}, {manifest.header.split}".rstrip(", "),
        data_digest=manifest.digest(),
        data_licence=manifest.header.licence,
        init_from=str(order.init_from or ""),
    )


def continued(order: Order, wanted: Recipe, manifest: Manifest) -> Run:
    """The run with its length changed as asked; raises RunError when anything else is asked to differ."""
    run = Run.open(order.output or runs.unfinished(wanted.name))
    old = run.settings
    same_length = {"steps": 1}
    asked: dict[str, tuple[Any, Any]] = {
        "recipe": (old.recipe.name, wanted.name),
        "seed": (old.seed, old.seed if order.seed is None else order.seed),
        "precision": (old.precision, old.precision if order.precision == "auto" else order.precision),
        "data": (old.data_digest, manifest.digest()),
    }
    if order.overrides:
        asked["--set"] = (old.recipe.lasting(**same_length), wanted.lasting(**same_length))
    for key, (was, now) in asked.items():
        if was != now:
            told = f" ({was}, not {now})" if key in ("recipe", "seed", "precision") else ""
            raise RunError(
                f"{run.folder} was started with another {key}{told}, so going on would not be the same run",
                f"leave out --{key.strip('-')}, or start a new run without --resume"
                if key != "data"
                else f"restore the data set in {old.data}, or start a new run without --resume",
            )
    return Run(run.folder, old.model_copy(update={"recipe": old.recipe.lasting(order.steps, order.epochs)}))
