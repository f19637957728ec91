"""Assemble what a request asks to train: the run, its data, networks and optimisers."""

import torch

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.training import budget, validate
from s2f_cli.training.batches import Batches
from s2f_cli.training.budget import Budget
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.loop import Training
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.resume import new_settings, resumed_run
from s2f_cli.training.run_folder import Run
from s2f_cli.training.run_lock import check_not_training
from s2f_cli.training.run_numbers import next_folder
from s2f_cli.training.run_settings import RunSettings


def assemble(
    request: TrainRequest, recipe: Recipe, manifest: Manifest, device: torch.device
) -> tuple[Run, Training]:
    """Return the run that a request resumes, or that it would start, and its training at step 0.

    `recipe` is the request's recipe with its overrides. The lengths of a new run use up the request's budget.
    Writes nothing. Raises S2FError if the request cannot be carried out.
    """

    def build(settings: RunSettings) -> Training:
        return _training(request, settings, manifest, device)

    if request.resume:
        run = resumed_run(request, recipe, manifest)
        if distributed.rank() == 0:
            check_not_training(run.folder)
        return run, build(run.settings)
    settings = new_settings(request, recipe, manifest, device)
    validate.check(settings.recipe)
    if limit := budget_of(request):
        fitted = budget.fit(
            settings.recipe, limit, lambda recipe: build(settings.model_copy(update={"recipe": recipe}))
        )
        settings = settings.model_copy(update={"recipe": fitted})
    return Run(request.output or next_folder(recipe.name), settings), build(settings)


def budget_of(request: TrainRequest) -> Budget | None:
    """The budget of a request, if it has one.

    Raises RunError for one that cannot be read, and for one of time that several processes would share.
    """
    limit = Budget.parse(request.budget) if request.budget else None
    if limit and limit.unit == "seconds" and distributed.world_size() > 1:
        raise RunError("several processes cannot share a budget of time", "give it in steps or images")
    return limit


def _training(
    request: TrainRequest, settings: RunSettings, manifest: Manifest, device: torch.device
) -> Training:
    def batches(stage: Stage) -> Batches:
        rows = distributed.rows_of(stage.batch_size, request.accumulate)
        return Batches.of(settings.recipe, stage, manifest, seed=settings.seed, rows=rows)

    compute = ComputeConfig(
        settings.precision,
        accumulation_steps=request.accumulate,
        deterministic=request.deterministic,
        compile=request.compile,
    )
    return Training(settings.recipe, batches, seed=settings.seed, device=str(device), compute=compute)
