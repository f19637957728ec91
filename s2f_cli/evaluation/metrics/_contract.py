"""What a metric is: one of two kinds, each a value that says what it measures and how.

A metric's file holds one `PairMetric` or one `SetMetric`, named as the file.
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


class Extractor(Protocol):
    """A network, or another function, that describes images by numbers; opened once, shared by metrics."""

    variant: str
    """Which network and which weights, as a person reads it."""
    key: str
    """A file name that no other features share, to keep them under; empty where they are made quickly."""

    def __call__(self, images: torch.Tensor) -> Features:
        """The features (N, D) of images (N, 3, height, width) in [0, 1]; a row of NaN where it finds none."""


@dataclass(frozen=True)
class SetScore:
    """The value of a `SetMetric` and, where it has one, its 95 % interval."""

    value: float
    low: float | None = None
    high: float | None = None
    each: tuple[float, ...] = ()
    """The scores of the rows, where the value is their mean."""

    @classmethod
    def mean_of(cls, each: Features) -> "SetScore":
        """The mean of a score of each row (N,); raises MetricError when there is none."""
        if not len(each):
            raise MetricError("no image has features to compare", "look at the images, or leave it out")
        return cls(float(each.mean()), each=tuple(each.tolist()))


@dataclass(frozen=True, kw_only=True)
class _Described:
    title: str
    """As papers write it: `SSIM`."""
    better: Better
    unit: str
    """The range or unit of a score: `-1 to 1`, `dB`."""
    variant: str
    """Everything that tells it from others of the same name: window, constants, channels, network."""
    source: str
    """The paper or report that defines it."""


@dataclass(frozen=True, kw_only=True)
class PairMetric(_Described):
    """Compares each generated image with its own reference."""

    score: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """From generated and reference images, both (N, 1 or 3, height, width) float32 in [0, 1] and of one
    shape, to N float64 scores, each independent of the others; NaN where the metric is undefined. Raises
    MetricError where it cannot be computed at all: weights missing, images too small."""


@dataclass(frozen=True, kw_only=True)
class SetMetric(_Described):
    """Compares all generated images with all references, by their features."""

    open: Callable[[Path | None], Extractor]
    """Opens the extractor with the weights of a file, or of the default place. Raises MetricError where there
    are none. Metrics with an equal `open` share the features."""
    measure: Callable[[Features, Features], SetScore]
    """From the features of the generated and of the reference images, both (N, D) without NaN. Raises
    MetricError where there are too few."""
    paired: bool = False
    """Whether row n of one set belongs to row n of the other."""


Metric: TypeAlias = PairMetric | SetMetric
