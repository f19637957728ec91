"""The weights of trainings, and whether they are equal."""

import torch
from torch import Tensor

from s2f_cli.training.loop import Training


def weights(run: Training) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in run.networks.state_dict().items()}


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    """Whether the names, and all values bit by bit, are equal."""
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
