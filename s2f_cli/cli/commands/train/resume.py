"""The settings of a run that begins, and the run that another order goes on with."""

from typing import Any

import torch

from s2f_cli.cli.commands.train.request import TrainRequest
from s2f_cli.core.errors import RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.recipes.schema import Recipe
from s2f_cli.training import run_folder
from s2f_cli.training.compute import best_precision
from s2f_cli.training.run_folder import Run, RunSettings


def fresh(order: TrainRequest, recipe: Recipe, manifest: Manifest, device: torch.device) -> RunSettings:
    """What makes a run that was ordered this run."""
    return RunSettings(
        recipe=recipe,
        seed=order.seed or 0,
        precision=best_precision(device, recipe) if order.precision == "auto" else order.precision,
        data=str(order.data),
        data_source=f"{manifest.header.source}, {manifest.header.split}".rstrip(", "),
        data_digest=manifest.digest(),
        data_licence=manifest.header.licence,
        init_from=str(order.init_from or ""),
    )


def continued(order: TrainRequest, wanted: Recipe, manifest: Manifest) -> Run:
    """The run with its length changed as asked; raises RunError when anything else is asked to differ."""
    run = Run.open(order.output or run_folder.unfinished(wanted.name))
    old = run.settings
    same_length = {"steps": 1}
    asked: dict[str, tuple[Any, Any]] = {
        "recipe": (old.recipe.name, wanted.name),
        "seed": (old.seed, old.seed if order.seed is None else order.seed),
        "precision": (old.precision, old.precision if order.precision == "auto" else order.precision),
        "data": (old.data_digest, manifest.digest()),
    }
    if order.overrides:
        asked["--set"] = (old.recipe.with_length(**same_length), wanted.with_length(**same_length))
    for key, (was, now) in asked.items():
        if was != now:
            told = f" ({was}, not {now})" if key in ("recipe", "seed", "precision") else ""
            raise RunError(
                f"{run.folder} was started with another {key}{told}, so going on would not be the same run",
                f"leave out --{key.strip('-')}, or start a new run without --resume"
                if key != "data"
                else f"restore the data set in {old.data}, or start a new run without --resume",
            )
    return Run(
        run.folder, old.model_copy(update={"recipe": old.recipe.with_length(order.steps, order.epochs)})
    )
