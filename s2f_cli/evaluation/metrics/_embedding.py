"""dlib's face embedding as features of images."""

from pathlib import Path

import numpy as np
import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features
from s2f_cli.faces.embedding import LENGTH, SAME_PERSON, SOURCE, FaceEmbedder

__all__ = ["SAME_PERSON", "SOURCE", "Embedding"]


class Embedding:
    """The embedding of each image's largest face, as an `Extractor`: (N, 128), NaN without a face."""

    variant = "dlib's face embedding, 5-point alignment"
    key = "dlib-embedding-v1"

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None:
            raise MetricError("the face embedding takes no weights file", "leave out --fid-weights")
        self._embedder = FaceEmbedder()

    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features (N, 128) of images (N, 3, H, W) in [0, 1]."""
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        missing = np.full(LENGTH, np.nan)
        found = (self._embedder.largest(image) for image in pixels)
        return np.stack([missing if embedding is None else embedding for embedding in found])
