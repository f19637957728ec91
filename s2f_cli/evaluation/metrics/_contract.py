"""The contract of a metric: a `PairMetric` or a `SetMetric`, which also describes what it measures.

A metric's file holds one of them, named like the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from s2f_cli.core.errors import MetricError

Features: TypeAlias = npt.NDArray[np.floating]
Better: TypeAlias = Literal["higher", "lower"]


class ImageTooSmall(MetricError):
    """A pair is too small for a metric, which other pairs still have."""


class Extractor(Protocol):
    """A network, or another function, that turns images into features. Metrics share an open extractor."""

    variant: str
    """Network and weights, in human-readable form."""
    key: str
    """Unique file name under which features are cached; empty if extracting them is cheap."""

    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features (N, D) of images (N, 3, H, W) in [0, 1]; NaN rows for images without any."""


@dataclass(frozen=True)
class SetScore:
    """The value of a `SetMetric` with its 95 % interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None
    per_row: tuple[float, ...] = ()
    """The scores of the rows, if the value is their mean."""

    @classmethod
    def mean_of(cls, scores: Features) -> "SetScore":
        """Average the scores of the rows (N,). Raises MetricError if there are none."""
        if not len(scores):
            raise MetricError("no image has features to compare", "check the images, or leave the metric out")
        return cls(float(scores.mean()), per_row=tuple(scores.tolist()))


@dataclass(frozen=True, kw_only=True)
class _Description:
    title: str
    """The name in papers, such as `MS-SSIM`."""
    better: Better
    """Whether a higher or a lower score is better."""
    unit: str
    """Range or unit of a score: `-1 to 1`, `dB`."""
    variant: str
    """All that distinguishes the metric from others of its name: window, constants, channels, network."""
    source: str
    """The paper or report that defines the metric."""


@dataclass(frozen=True, kw_only=True)
class PairMetric(_Description):
    """Compares each generated image with its own reference."""

    score: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """Scores generated images against references, both (N, 1 or 3, H, W) float32 in [0, 1].

    Returns (N,) float64; each score depends on its own pair only, and is NaN where the metric is undefined.
    Raises ImageTooSmall for images that are too small, MetricError if the metric cannot be computed at all:
    weights are missing."""


@dataclass(frozen=True, kw_only=True)
class SetMetric(_Description):
    """Compares all generated images with all references, by their features."""

    open: Callable[[Path | None], Extractor]
    """Opens the extractor, with the weights of a file if one is given. Raises MetricError if there are no
    weights, or if the extractor takes no file. Metrics with the same `open` share features."""
    measure: Callable[[Features, Features], SetScore]
    """Scores the features of the generated images (N, D) against those of the references (M, D), without NaN.
    Raises MetricError if there are too few."""
    paired: bool = False
    """Whether row n of one set belongs to row n of the other."""
    takes_weights: bool = False
    """Whether the option --fid-weights, a file with the weights of pytorch-fid's Inception, applies."""


Metric: TypeAlias = PairMetric | SetMetric
