"""The settings of a new run, and the checks before a run is resumed."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

import torch

from s2f_cli.core.errors import RunError
from s2f_cli.core.remote_copies import shown
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.recipes.schema import Ramp, Recipe
from s2f_cli.training.build import build_schedules
from s2f_cli.training.compute import best_precision, usable_precision
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_numbers import newest_run
from s2f_cli.training.run_settings import RunSettings


def new_settings(
    request: TrainRequest, recipe: Recipe, manifest: Manifest, device: torch.device
) -> RunSettings:
    """Return the settings of a new run, with defaults for what the request leaves open."""
    wanted = request.precision
    return RunSettings(
        recipe=recipe.with_length(request.steps, request.epochs),
        seed=request.seed or 0,
        precision=best_precision(device, recipe) if wanted == "auto" else usable_precision(wanted, device),
        data=shown(str(request.data)),
        data_source=f"{manifest.header.source}, {manifest.header.split}".rstrip(", "),
        data_digest=manifest.digest(),
        data_licence=manifest.header.licence,
        init_from=shown(str(request.init_from or "")),
    )


def resumed_run(request: TrainRequest, recipe: Recipe, manifest: Manifest) -> Run:
    """Open the run to resume, with its length changed if the request says so.

    `recipe` is the request's recipe with its overrides. Raises RunError if there is no run, or if it was
    started with another recipe, seed, precision, data set or overrides than the request names.
    """
    run = Run.open(request.output or newest_run(recipe.name))
    old = run.settings
    if old.recipe.name != recipe.name:
        _refuse(run, f"recipe ({old.recipe.name}, not {recipe.name})", f"name the recipe {old.recipe.name}")
    if request.seed not in (None, old.seed):
        _refuse(run, f"seed ({old.seed}, not {request.seed})", "leave out --seed")
    if request.precision not in ("auto", old.precision):
        _refuse(run, f"precision ({old.precision}, not {request.precision})", "leave out --precision")
    if manifest.digest() != old.data_digest:
        _refuse(run, "data set", f"restore the data set in {old.data}")
    if request.overrides and without_length(recipe) != without_length(old.recipe):
        _refuse(run, "set of overrides", "leave out --set")
    longer = old.recipe.with_length(request.steps, request.epochs)
    return Run(run.folder, old.model_copy(update={"recipe": longer}))


def without_length(recipe: Recipe) -> Recipe:
    """The recipe without what a budget scales: the lengths of stages, and of the ramps of their weights."""
    recipe = recipe.with_length(steps=1)
    stages = (
        stage.model_copy(
            update={"weights": {k: w.value if isinstance(w, Ramp) else w for k, w in stage.weights.items()}}
        )
        for stage in recipe.stages
    )
    return recipe.model_copy(update={"stages": tuple(stages)})


def _refuse(run: Run, difference: str, hint: str) -> None:
    raise RunError(
        f"{run.folder} was started with another {difference}, so it cannot be resumed as the same run",
        f"{hint}, or start a new run without --resume",
    )


def check_lengths(
    recipe: Recipe, stage: int, step: int, old_lengths: Sequence[int], new_lengths: Sequence[int]
) -> None:
    """Raise RunError if the new stage lengths would have changed steps already taken.

    `step` is the number of steps taken, the last of them in the stage number `stage`. Lengths are those of
    all stages, in steps. A step changes if it now belongs to another stage, or if a learning-rate schedule
    has another value there.
    """
    ends = list(accumulate(new_lengths))
    if step and stage != min(bisect_left(ends, step), len(ends) - 1):
        raise RunError(
            f"step {step} of the saved state is in the stage {recipe.stages[stage].name!r}, whose length has "
            "changed",
            "resume without --steps and --epochs",
        )
    stage_start = 0
    for table, old, new in zip(recipe.stages, old_lengths, new_lengths, strict=True):
        taken = range(min(max(step - stage_start, 0), old))
        for player, factor in build_schedules(table).items() if old != new else ():
            if any(factor(at / old) != factor(at / new) for at in taken):
                raise RunError(
                    f"a stage of {new} steps instead of {old} would have given {player} other learning rates "
                    "so far, so this would not be the same run",
                    "resume without --steps and --epochs, or start a new run of that length",
                )
        stage_start += new
