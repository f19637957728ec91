"""Writes an exported file, and keeps it only if its results equal the model's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from s2f_cli.core.errors import ExportError, first_line
from s2f_cli.core.files import atomic_file
from s2f_cli.core.quiet import quiet
from s2f_cli.export.condition_vectors import ConditionVectors
from s2f_cli.export.contract import Array, ExportedNetwork, Exporter, Runner
from s2f_cli.export.examples import Examples
from s2f_cli.inference.usage import ExportPrecision, Usage

LIMITS: Mapping[ExportPrecision, float] = {"fp32": 1e-4, "fp16": 2e-2, "int8": 0.1}
"""The largest allowed difference of a value in [-1, 1]; for int8, the largest allowed loss of SSIM."""
BATCH = 3


@dataclass(frozen=True)
class Parity:
    """How much an exported file differs from its model."""

    difference: float
    """The largest difference of any output value in [-1, 1], over random and real images."""
    ssim: float
    """The mean SSIM between its outputs and the model's on real images; NaN if they are too small."""
    batch_sizes: tuple[int, ...]

    def loss(self, precision: ExportPrecision) -> float:
        """The value that LIMITS bounds for a precision."""
        return 1 - self.ssim if precision == "int8" else self.difference


@dataclass(frozen=True)
class Exported:
    """An exported file that passed the comparison."""

    path: Path
    usage: Usage
    size: int
    """In bytes."""
    parity: Parity
    limit: float


def export(
    exporter: Exporter, network: ExportedNetwork, path: Path, examples: Examples, limit: float | None = None
) -> Exported:
    """Export a network, compare the file with it, and keep the file only if they agree.

    `limit` replaces the precision's entry in LIMITS. On failure, an existing file at `path` is unchanged.

    Raises ExportError if the difference is above the limit (the message says by how much), if the network
    cannot be exported or the file cannot be run; MissingPart as the exporter does; S2FError if the file
    cannot be written.
    """
    precision = network.usage.precision
    limit = LIMITS[precision] if limit is None else limit
    with atomic_file(path) as temporary:
        _write(exporter, network, temporary, examples, path)
        with quiet():
            run = exporter.open(temporary)
        parity = compare(network, run, [examples.array(image) for image in examples.checked])
        if not parity.loss(precision) <= limit:
            difference = (
                f"loses {parity.loss(precision):.3g} of SSIM"
                if precision == "int8"
                else f"differs from the model by {parity.difference:.3g}"
            )
            raise ExportError(
                f"{path} was not written: the {precision} file {difference}, more than {limit:g}",
                "try another --format"
                if precision == "fp32"
                else "try --precision fp32, or allow --tolerance more",
            )
        size = temporary.stat().st_size
    return Exported(path, network.usage, size, parity, limit)


def _write(
    exporter: Exporter, network: ExportedNetwork, temporary: Path, examples: Examples, path: Path
) -> None:
    vectors = ConditionVectors(network.usage.card.recipe.conditions)
    calibration = [vectors.beside(examples.array(image)[None]) for image in examples.calibration]
    try:
        with quiet():
            exporter.write(network, temporary, calibration)
    except (RuntimeError, ValueError) as problem:
        raise ExportError(
            f"{path} was not written: the model cannot be exported: {first_line(problem)}",
            "try another --format",
        ) from problem


def compare(network: ExportedNetwork, run: Runner, real: Sequence[Array]) -> Parity:
    """Compare `run` with a network on random and real images, in batches of several sizes and shapes.

    A model with conditions is given other ones for each image. `real` holds images (C, size, size) in
    [-1, 1].
    Raises ExportError if `run` fails or returns another shape.
    """
    difference = np.float32(0)
    scores: list[float] = []
    sizes = set[int]()
    random = _random_batches(network.usage)
    vectors = ConditionVectors(network.usage.card.recipe.conditions)
    for batch, is_real in [*((b, False) for b in random), *((b, True) for b in _batches_of_images(real))]:
        inputs = vectors.beside(batch)
        expected = network.run(*inputs)
        shape = "×".join(map(str, batch.shape))
        try:
            with quiet():
                output = run(*inputs)
        except Exception as problem:  # runtimes raise exceptions of their own
            raise ExportError(
                f"the exported model fails on a batch of {shape}: {first_line(problem)}"
            ) from problem
        if output.shape != expected.shape:
            raise ExportError(
                f"the exported model turns a batch of {shape} into {output.shape}, not {expected.shape}"
            )
        difference = np.maximum(difference, np.abs(output - expected).max())
        sizes.add(len(batch))
        if is_real:
            scores += _ssim(output, expected)
    return Parity(float(difference), float(np.mean(scores)), tuple(sorted(sizes)))


def _random_batches(usage: Usage) -> Iterator[Array]:
    shapes = [(1, usage.size, usage.size), (BATCH, usage.size, usage.size)]
    if usage.any_size:
        shapes.append((2, usage.size + 2 * usage.multiple, usage.size + usage.multiple))
    generator = np.random.default_rng(0)
    for count, height, width in shapes:
        yield generator.uniform(-1, 1, (count, usage.channels_in, height, width)).astype(np.float32)


def _batches_of_images(real: Sequence[Array]) -> Iterator[Array]:
    """The first image alone, then batches of all; the last batch is filled up with the first images."""
    yield np.stack(real[:1])
    for first in range(0, len(real), BATCH):
        yield np.stack(list(islice(cycle(real), first, first + BATCH)))


def _ssim(output: Array, expected: Array) -> list[float]:
    """The SSIM of each pair of images; NaN if they are smaller than its window of 11 pixels."""
    from skimage import metrics

    unit = [(images.astype(np.float64).clip(-1, 1) + 1) / 2 for images in (output, expected)]
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    try:
        return [
            float(metrics.structural_similarity(*pair, channel_axis=0, data_range=1, **settings))
            for pair in zip(*unit, strict=True)
        ]
    except ValueError:
        return [float("nan")] * len(output)
