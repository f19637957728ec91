"""Builds the objective, augmentations and schedules of a stage."""

import functools
from collections.abc import Callable

import torch
from torch import nn

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes.construct import build_options, check_options, construct, find
from s2f_cli.models.recipes.schema import Stage
from s2f_cli.training.augmentations import Augmentation
from s2f_cli.training.batch import Objective
from s2f_cli.training.losses import AdversarialLoss


def build_objective(stage: Stage, device: torch.device | None = None) -> Objective:
    """Build the objective of a stage, with its losses on a device.

    Raises RecipeError for an unknown part or option, and for a loss of the wrong kind.
    """
    options = build_options("losses", stage.objective, "objective")
    objective = find("objectives", stage.objective.part, "objective")
    check_options(objective, options, "objective", skip=2)
    for option, value in options.items():
        if isinstance(value, str):
            raise RecipeError(
                f"objective.{option} is {value!r}, not a table that names a loss",
                f"set objective.{option}.part; {registry.did_you_mean(value, registry.names('losses'))}",
            )
        if isinstance(value, nn.Module):
            _check_kind_of_loss(stage, option, value)
    if device is not None:
        options = {k: v.to(device) if isinstance(v, nn.Module) else v for k, v in options.items()}
    return functools.partial(objective, **options)


def _check_kind_of_loss(stage: Stage, option: str, loss: nn.Module) -> None:
    """Raise RecipeError unless the option `adversarial`, and no other, is an adversarial loss."""
    adversarial = option == "adversarial"
    if isinstance(loss, AdversarialLoss) == adversarial:
        return
    part = (stage.objective.model_extra or {})[option]["part"]
    fitting = [
        name
        for name in registry.names("losses")
        if issubclass(registry.find("losses", name), AdversarialLoss) == adversarial
    ]
    raise RecipeError(
        f"objective.{option} is {part!r}, which is {'not ' if adversarial else ''}an adversarial loss",
        f"known here: {', '.join(fitting)}",
    )


def build_augmentations(stage: Stage) -> list[Augmentation]:
    """Build the augmentations of a stage, in order; raises RecipeError for an unknown part or option."""
    return [construct("augmentations", table, "data.augment") for table in stage.data.augment]


def build_schedules(stage: Stage) -> dict[str, Callable[[float], float]]:
    """Build the learning-rate schedule of each player of a stage.

    A schedule maps the completed share of the stage, 0 to 1, to a factor of the player's learning rate.
    Raises RecipeError for an unknown part or option.
    """
    return {
        name: construct("schedules", player.schedule, f"players.{name}.schedule")
        for name, player in stage.players.items()
    }
