"""Fréchet distance between sets of drawings, by the directions of their strokes.

The features are histograms of oriented gradients (N. Dalal, B. Triggs, CVPR 2005): which directions strokes
have in which part of the image. They need no network, and exist for drawings in which no face is found.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features, SetMetric
from s2f_cli.evaluation.metrics._frechet import measure
from s2f_cli.evaluation.metrics._gray import luma

__all__ = ["fd_hog"]

_SIDE, _CELL, _BLOCK, _ORIENTATIONS = 128, 32, 2, 9


class Gradients:
    """Histograms of oriented gradients as an `Extractor`: images of any size, features (N, 324)."""

    variant = (
        f"gray at {_SIDE}x{_SIDE}, {_ORIENTATIONS} directions, cells of {_CELL} pixels, "
        f"blocks of {_BLOCK}x{_BLOCK} cells, L2-Hys"
    )
    key = ""

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None:
            raise MetricError("gradients take no weights file", "leave out --fid-weights")

    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features (N, 324) of images (N, 3, H, W) in [0, 1]."""
        from skimage.feature import hog

        gray = F.interpolate(luma(images), (_SIDE, _SIDE), mode="bilinear", antialias=True)[:, 0]
        cells, blocks = (_CELL, _CELL), (_BLOCK, _BLOCK)
        return np.stack(
            [hog(image, _ORIENTATIONS, cells, blocks, "L2-Hys") for image in gray.double().numpy()]
        )


fd_hog = SetMetric(
    title="Stroke Fréchet distance",
    better="lower",
    unit="0 and up",
    variant="mean and covariance of 324 histograms of oriented gradients; biased upwards for few images",
    source="Heusel et al., NeurIPS 2017, equation 6; Dalal and Triggs, CVPR 2005",
    open=Gradients,
    measure=measure,
)
