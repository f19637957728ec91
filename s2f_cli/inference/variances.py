"""How much results vary between samples of one input, and between inputs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image


class Variances(NamedTuple):
    """Mean variance of a pixel, with levels in [-1, 1] (report A §4.2, figure 10)."""

    over_samples: float
    """Between samples of one input."""
    over_inputs: float
    """Between inputs, with the same noise."""


def variances_of(rows: Sequence[Sequence[Image.Image]]) -> Variances:
    """Compute the variances of a grid of images of one size: a row per input, a column per noise."""
    grid = np.stack([[np.asarray(image, dtype=np.float64) for image in row] for row in rows]) / 127.5 - 1
    return Variances(float(grid.var(axis=1).mean()), float(grid.var(axis=0).mean()))
