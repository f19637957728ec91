"""The length of a training by what it may cost: processor time, steps or images.

A budget scales all stages of a recipe by one factor, with their schedules and the ramps of their weights: a
short training is a small copy of the whole one. Stages without players train nothing, and keep their length.
"""

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch

from s2f_cli.core.errors import RunError
from s2f_cli.models.recipes.schema import Ramp, Recipe, Stage
from s2f_cli.training.loop import Training

Unit = Literal["seconds", "steps", "images"]

PLANNED = 0.95
"""Share of a time that the steps are planned to take; a training that reaches all of it is stopped."""
PROBE_STEPS = 11
"""Steps by which a stage is timed; the first warms up and is not counted."""
_PROBE_SHARE = 0.03
"""A probe ends early once its timed steps, at least one, have taken this share of the budget."""
_UNITS: dict[str, tuple[float, Unit]] = {
    "s": (1, "seconds"),
    "m": (60, "seconds"),
    "h": (3600, "seconds"),
    "steps": (1, "steps"),
    "images": (1, "images"),
}


@dataclass(frozen=True)
class Budget:
    """What a whole training may cost."""

    amount: float
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """Read `90s`, `20m`, `2h`, `3000steps` or `200000images`; raises RunError for anything else."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|m|h|steps|images)", text.strip())
        if not match or not float(match[1]):
            raise RunError(
                f"{text!r} is not a budget", "write it like 90s, 20m, 2h, 3000steps or 200000images"
            )
        factor, unit = _UNITS[match[2]]
        return cls(float(match[1]) * factor, unit)

    @property
    def seconds(self) -> float:
        """The time, infinite for a budget of steps or images."""
        return self.amount if self.unit == "seconds" else math.inf


def clock(device: torch.device) -> float:
    """Seconds of the processor that trains: processor time of all threads on a CPU, else elapsed time."""
    return time.process_time() if device.type == "cpu" else time.monotonic()


def fit(recipe: Recipe, budget: Budget, build: Callable[[Recipe], Training]) -> Recipe:
    """Return the recipe with the stage lengths that use up a budget.

    `build` builds the training of a recipe. For a budget of time, each stage is timed over a few steps.
    """
    lengths = build(recipe).lengths
    scaled = [
        (stage, length)
        for stage, length in zip(recipe.stages, lengths, strict=True)
        if stage.players and length
    ]
    cost = {stage.name: _cost_of_step(recipe, stage, budget, build) for stage, _ in scaled}
    whole = sum(cost[stage.name] * length for stage, length in scaled)
    if not whole:
        return recipe
    factor = budget.amount / whole * (PLANNED if budget.unit == "seconds" else 1)
    planned = {stage.name: max(round(length * factor), 1) for stage, length in scaled}
    stages = (_resized(s, planned[s.name], factor) if s.name in planned else s for s in recipe.stages)
    return recipe.model_copy(update={"stages": tuple(stages)})


def _cost_of_step(recipe: Recipe, stage: Stage, budget: Budget, build: Callable[[Recipe], Training]) -> float:
    """What one step of a stage takes of a budget."""
    if budget.unit != "seconds":
        return stage.batch_size if budget.unit == "images" else 1
    alone = tuple(_resized(s, PROBE_STEPS if s.name == stage.name else 0) for s in recipe.stages)
    training = build(recipe.model_copy(update={"stages": alone}))
    marks: list[float] = []
    for result in training.run():
        result.losses()  # waits for the GPU
        marks.append(clock(training.device))
        if marks[-1] - marks[0] > _PROBE_SHARE * budget.amount:
            break
    return max((marks[-1] - marks[0]) / (len(marks) - 1), 1e-6)


def _resized(stage: Stage, steps: int, factor: float = 1.0) -> Stage:
    weights: Mapping[str, float | Ramp] = {
        term: w
        if not isinstance(w, Ramp)
        else Ramp(value=w.value, start=round(w.start * factor), ramp=round(w.ramp * factor))
        for term, w in stage.weights.items()
    }
    return stage.model_copy(update={"steps": steps, "epochs": None, "weights": weights})
