"""From a stage of a recipe to what training needs: its objective, augmentations and schedules."""

import functools
from collections.abc import Callable

import torch
from torch import nn

from s2f_cli.core import registry
from s2f_cli.core.errors import RecipeError
from s2f_cli.models.recipes.construct import check_options, construct, find, options_of
from s2f_cli.models.recipes.schema import Stage
from s2f_cli.training.augmentations._contract import Augmentation
from s2f_cli.training.batch import Objective
from s2f_cli.training.losses._adversarial import Adversarial


def build_objective(stage: Stage, device: torch.device | None = None) -> Objective:
    """The objective of a stage with its losses, on a device; raises RecipeError as `build_networks` does."""
    options = options_of("losses", stage.objective, "objective")
    game = find("objectives", stage.objective.part, "objective")
    check_options(game, options, "objective", skip=2)
    for option, value in options.items():
        if isinstance(value, str):
            raise RecipeError(
                f"objective.{option} is {value!r}, not a table that names a loss",
                f"set objective.{option}.part; known: {', '.join(registry.names('losses'))}",
            )
        adversarial = isinstance(value, Adversarial)
        if isinstance(value, nn.Module) and adversarial != (option == "adversarial"):
            told = "no" if option == "adversarial" else "an"
            fitting = [
                name
                for name in registry.names("losses")
                if issubclass(registry.find("losses", name), Adversarial) != adversarial
            ]
            raise RecipeError(
                f"objective.{option} is {(stage.objective.model_extra or {})[option]['part']!r}, {told} "
                "adversarial loss",
                f"known here: {', '.join(fitting)}",
            )
    if device is not None:
        options = {k: v.to(device) if isinstance(v, nn.Module) else v for k, v in options.items()}
    return functools.partial(game, **options)


def build_augmentations(stage: Stage) -> list[Augmentation]:
    """What a stage does to its images, in order; raises RecipeError as `build_networks` does."""
    return [construct("augmentations", table, "data.augment") for table in stage.data.augment]


def build_schedules(stage: Stage) -> dict[str, Callable[[float], float]]:
    """By player, what its learning rate is multiplied by when a share (0 to 1) of the stage is done."""
    return {
        name: construct("schedules", player.schedule, f"players.{name}.schedule")
        for name, player in stage.players.items()
    }
