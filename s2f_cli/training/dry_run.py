"""The cost of a training: its networks, time and memory, measured without writing anything."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from s2f_cli.core import images
from s2f_cli.core.errors import S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.domains import DOMAINS
from s2f_cli.training.cost import peak_bytes
from s2f_cli.training.trainer import Trainer

STEPS = 3
"""Steps that are timed at most; the first warms up and is not counted, if there are others."""
ENOUGH = 5.0
"""Seconds after which no further step is timed, and no further image is read."""
_GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio, modulo 1, spread evenly however many there are."""


@dataclass(frozen=True)
class NetworkSize:
    """One network of a recipe."""

    role: str
    part: str
    parameters: int
    trained: bool
    """Whether any stage trains it."""


@dataclass(frozen=True)
class Cost:
    """Time and memory of a training."""

    seconds_per_step: float
    steps: int
    peak_bytes: int | None
    """Peak memory of the GPU, or of this process; None where the system does not report it."""

    @property
    def seconds(self) -> float:
        """The time of all steps."""
        return self.seconds_per_step * self.steps


def network_sizes(trainer: Trainer) -> list[NetworkSize]:
    """The networks of a training, in the recipe's order."""
    recipe, networks = trainer.training.recipe, trainer.training.networks
    trained = frozenset(role for stage in recipe.stages for role in stage.trained)
    return [
        NetworkSize(role, recipe.networks[role].part, _parameters(network), role in trained)
        for role, network in networks.items()
    ]


def measure(trainer: Trainer) -> Cost:
    """Measure time and memory over a few steps, which change the trainer's networks but write nothing.

    Takes some seconds, or one step if that takes longer.
    """
    training = trainer.training
    seconds, steps = [], training.run()
    for _ in range(min(STEPS, training.total - training.step)):
        start = time.perf_counter()
        next(steps)
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > ENOUGH:
            break
    return Cost(min(seconds[1:] or seconds or [0.0]), training.total, peak_bytes(trainer.device))


def images_used(manifest: Manifest) -> list[Path]:
    """The image files of the splits train, val and test."""
    return [
        manifest.path(entry, domain)
        for split in ("train", "val", "test")
        for domain in DOMAINS
        for entry in manifest.having(split, domain)
    ]


def read_errors(files: list[Path]) -> Iterator[tuple[Path, str | None]]:
    """Yield files with the reason why each cannot be read, or None if it can.

    Reads them in an order that spreads over the whole list, and stops after some seconds.
    """
    end = time.monotonic() + ENOUGH
    for number in sorted(range(len(files)), key=lambda number: number * _GOLDEN % 1):
        if time.monotonic() > end:
            return
        file = files[number]
        try:
            images.read(file)
        except S2FError as problem:
            yield file, problem.message
        else:
            yield file, None


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
