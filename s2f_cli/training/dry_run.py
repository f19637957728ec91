"""The cost of a training: its networks, time and memory, measured without writing anything."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from s2f_cli.core import images
from s2f_cli.core.errors import S2FError
from s2f_cli.data.manifest import Manifest
from s2f_cli.models.domains import DOMAINS
from s2f_cli.training.cost import peak_bytes
from s2f_cli.training.loop import StepResult
from s2f_cli.training.trainer import Trainer

STEPS = 3
"""Steps of a stage that are timed at most; the first warms up and is not counted, if there are others."""
ENOUGH = 5.0
"""Seconds after which no further step of a stage is timed, and no further image is read."""
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

    seconds_per_step: Mapping[str, float]
    """By stage."""
    lengths: Mapping[str, int]
    """Steps by stage."""
    peak_bytes: int | None
    """Peak memory of the GPU, or of this process; None where the system does not report it."""

    @property
    def steps(self) -> int:
        """The number of all steps."""
        return sum(self.lengths.values())

    @property
    def seconds(self) -> float:
        """The time of all steps."""
        return sum(seconds * self.lengths[stage] for stage, seconds in self.seconds_per_step.items())


def network_sizes(trainer: Trainer) -> list[NetworkSize]:
    """The networks of a training, in the recipe's order."""
    recipe, networks = trainer.training.recipe, trainer.training.networks
    trained = frozenset(role for stage in recipe.stages for role in stage.trained)
    return [
        NetworkSize(role, recipe.networks[role].part, _parameters(network), role in trained)
        for role, network in networks.items()
    ]


def measure(trainer: Trainer) -> Cost:
    """Measure time and memory over a few steps of every stage, without writing anything.

    They change the networks and the step of the trainer. Takes some seconds a stage, or a step of it if that
    takes longer.
    """
    training = trainer.training
    lengths = dict(zip([stage.name for stage in training.recipe.stages], training.lengths, strict=True))
    costs, first = {}, 0
    for stage, length in lengths.items():
        training.step = first
        if length:
            costs[stage] = _seconds_per_step(training.run(), min(STEPS, length))
        first += length
    return Cost(costs, lengths, peak_bytes(trainer.device))


def _seconds_per_step(results: Iterator[StepResult], count: int) -> float:
    seconds: list[float] = []
    while len(seconds) < count and sum(seconds) <= ENOUGH:
        start = time.perf_counter()
        next(results)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:] or seconds)


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
