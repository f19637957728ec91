"""Writing an exported file only if it does what the model does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import torch

from s2f_cli.core import registry
from s2f_cli.core.errors import ExportError, MetricError
from s2f_cli.core.files import atomic_file
from s2f_cli.export.contract import Array, Exporter, OneWay, Run
from s2f_cli.export.examples import Examples
from s2f_cli.export.quiet import quiet
from s2f_cli.inference.exported import Precision, Usage

LIMITS: Mapping[Precision, float] = {"fp32": 1e-4, "fp16": 2e-2, "int8": 0.1}
"""What is refused above it: the largest difference of a value in [-1, 1], or for int8 the loss in SSIM."""
BATCH = 3


@dataclass(frozen=True)
class Parity:
    """How far an exported file is from the model."""

    difference: float
    """The largest of any value of any output, of random or real images; outputs are in [-1, 1]."""
    ssim: float
    """The mean SSIM of its outputs to the model's, of real images; NaN where they are too small for it."""
    batch_sizes: tuple[int, ...]

    def loss(self, precision: Precision) -> float:
        """What the limit of a precision is for."""
        return 1 - self.ssim if precision == "int8" else self.difference


@dataclass(frozen=True)
class Exported:
    """A file that was written and found equal to the model."""

    path: Path
    usage: Usage
    size: int
    """In bytes."""
    parity: Parity
    limit: float


def export(
    exporter: Exporter, network: OneWay, path: Path, examples: Examples, limit: float | None = None
) -> Exported:
    """Write a network with an exporter, compare the file with the network, and keep it only if they agree.

    `limit` takes the place of the precision's in LIMITS. What was at `path` before stays if it fails.

    Raises ExportError with the measured difference when it is above the limit, or when the network cannot be
    written or the file cannot be run; MissingPart as the exporter; S2FError when the file cannot be written.
    """
    precision = network.usage.precision
    limit = LIMITS[precision] if limit is None else limit
    with atomic_file(path) as temporary:
        _write(exporter, network, temporary, examples, path)
        with quiet():
            run = exporter.open(temporary)
        parity = compare(network, run, [examples.array(image) for image in examples.checked])
        if not parity.loss(precision) <= limit:
            told = (
                f"loses {parity.loss(precision):.3g} of SSIM"
                if precision == "int8"
                else f"differs from PyTorch by {parity.difference:.3g}"
            )
            raise ExportError(
                f"{path} was not written: the {precision} model {told}, more than {limit:g}",
                "try another --format"
                if precision == "fp32"
                else "try --precision fp32, or allow --tolerance more",
            )
        size = temporary.stat().st_size
    return Exported(path, network.usage, size, parity, limit)


def _write(exporter: Exporter, network: OneWay, temporary: Path, examples: Examples, path: Path) -> None:
    try:
        with quiet():
            exporter.write(
                network, temporary, [examples.array(image)[None] for image in examples.calibration]
            )
    except (RuntimeError, ValueError) as problem:
        raise ExportError(
            f"{path} was not written: the model cannot be exported: {_first_line(problem)}",
            "try another --format",
        ) from problem


@torch.inference_mode()
def compare(network: OneWay, run: Run, real: Sequence[Array]) -> Parity:
    """How far `run` is from a network on random and on real images, in batches of several sizes and shapes.

    `real` are images (C, size, size). Raises ExportError when `run` fails, or gives another shape.
    """
    difference = np.float32(0)
    scores: list[float] = []
    sizes = set[int]()
    random = _random_batches(network.usage)
    for batch, is_real in [*((b, False) for b in random), *((b, True) for b in _real_batches(real))]:
        expected = network(torch.from_numpy(batch)).numpy()
        shape = "×".join(map(str, batch.shape))
        try:
            with quiet():
                made = run(batch)
        except Exception as problem:  # whatever a runtime raises
            raise ExportError(
                f"the exported model fails on a batch of {shape}: {_first_line(problem)}"
            ) from problem
        if made.shape != expected.shape:
            raise ExportError(
                f"the exported model makes {made.shape} of a batch of {shape}, not {expected.shape}"
            )
        difference = np.maximum(difference, np.abs(made - expected).max())
        sizes.add(len(batch))
        if is_real:
            scores += _ssim(made, expected)
    return Parity(float(difference), float(np.mean(scores)), tuple(sorted(sizes)))


def _random_batches(usage: Usage) -> Iterator[Array]:
    shapes = [(1, usage.size, usage.size), (BATCH, usage.size, usage.size)]
    if usage.any_size:
        shapes.append((2, usage.size + 2 * usage.multiple, usage.size + usage.multiple))
    generator = np.random.default_rng(0)
    for count, height, width in shapes:
        yield generator.uniform(-1, 1, (count, usage.channels_in, height, width)).astype(np.float32)


def _real_batches(real: Sequence[Array]) -> Iterator[Array]:
    """The first image alone, then all of them, the last batch filled up from the first ones."""
    yield np.stack(real[:1])
    for first in range(0, len(real), BATCH):
        yield np.stack(list(islice(cycle(real), first, first + BATCH)))


def _ssim(made: Array, expected: Array) -> list[float]:
    shown = [torch.from_numpy(images).clamp(-1, 1).add(1).div(2) for images in (made, expected)]
    try:
        return registry.find("metrics", "ssim").score(*shown).tolist()
    except MetricError:
        return [float("nan")] * len(made)


def _first_line(problem: Exception) -> str:
    return (str(problem).strip() or type(problem).__name__).splitlines()[0]
