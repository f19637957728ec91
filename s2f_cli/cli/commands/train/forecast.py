"""Says before a training on a CPU how long it will take, and what is quicker."""

from contextlib import suppress

import torch

from s2f_cli.cli import console
from s2f_cli.core import distributed
from s2f_cli.evaluation.scored_training import open_trainer
from s2f_cli.training import dry_run
from s2f_cli.training.dry_run import Cost
from s2f_cli.training.request import TrainRequest
from s2f_cli.training.trainer import Trainer

FEWEST = 200
"""Trainings of fewer steps start without a forecast."""
_LONG = 1800.0
"""Seconds from which a training is long."""
_SHORT = 600.0
"""Seconds of the shorter training that is proposed instead."""
_QUICK = "unet-pairs"
"""The recipe that trains fastest on pairs."""


def open_with_forecast(request: TrainRequest, device: torch.device) -> Trainer:
    """Open the trainer of a request; for a new training on a CPU, first say how long it takes.

    A step or two of each stage are measured, unless the training is short.
    """
    trainer = open_trainer(request, device)
    resumed_or_shared = request.resume or distributed.world_size() > 1
    if device.type != "cpu" or resumed_or_shared or trainer.training.total < FEWEST:
        return trainer
    _say("measuring a step …")
    cost = dry_run.measure(trainer)
    _say(
        f"this takes about {console.duration(cost.seconds)} on the CPU: {cost.steps} steps of "
        f"{seconds_per_step(cost)} s"
    )
    if cost.seconds > _LONG:
        pairs = bool(trainer.manifest.pairs("train"))
        _say(f"quicker: {', '.join(_quicker(cost, request.recipe, pairs))}")
    del trainer  # its networks have changed
    trainer = open_trainer(request, device)
    trainer.step_costs = cost.seconds_per_step
    return trainer


def seconds_per_step(cost: Cost) -> str:
    """The seconds of a step, of the quickest and the slowest stage if these differ: `0.5`, `0.5 to 2`."""
    seconds = sorted(cost.seconds_per_step.values())
    return " to ".join(dict.fromkeys(f"{float(f'{value:.2g}'):g}" for value in (seconds[0], seconds[-1])))


def _say(line: str) -> None:
    """Print a line; if nobody reads stderr any more, the training itself notices, and saves."""
    with suppress(OSError):
        console.say(line)


def _quicker(cost: Cost, recipe: str, pairs: bool) -> list[str]:
    steps = max(1, int(_SHORT / sum(cost.seconds_per_step.values())))  # of each stage
    proposals = ["a GPU (--device cuda)", f"--steps {steps} ({console.duration(_SHORT)})"]
    if pairs and recipe != _QUICK:
        proposals.append(f"the recipe {_QUICK}")
    return proposals
