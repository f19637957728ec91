"""dlib's face embedding as features of images."""

from pathlib import Path

import numpy as np
import torch

from s2f_cli.core.errors import MetricError
from s2f_cli.evaluation.metrics._contract import Features
from s2f_cli.faces import dlib_models
from s2f_cli.faces.chips import ChipFinder
from s2f_cli.faces.embedding import LENGTH, SAME_PERSON, SOURCE
from s2f_cli.models.pretrained.dlib_face import DlibFace

__all__ = ["SAME_PERSON", "SOURCE", "Embedding"]


class Embedding:
    """The embedding of each image's largest face, as an `Extractor`: (N, 128), NaN without a face.

    The network runs in torch, because dlib's wheels are built without BLAS and take six to ten times as long.
    """

    variant = "dlib's face embedding, 5-point alignment"
    key = "dlib-embedding-v2"

    def __init__(self, weights: Path | None = None) -> None:
        if weights is not None:
            raise MetricError("the face embedding takes no weights file", "leave out --fid-weights")
        self._chips = ChipFinder()
        self._network = DlibFace(dlib_models.file(dlib_models.EMBEDDING), MetricError).eval()

    @torch.inference_mode()
    def __call__(self, images: torch.Tensor) -> Features:
        """Extract the features (N, 128) of images (N, 3, H, W) in [0, 1]."""
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
        cut = {number: self._chips.cut(image) for number, image in enumerate(pixels)}
        found = {number: chip for number, chip in cut.items() if chip is not None}
        features = np.full((len(pixels), LENGTH), np.nan)
        if found:
            chips = torch.from_numpy(np.stack(list(found.values()))).permute(0, 3, 1, 2)
            features[list(found)] = self._network(chips / 127.5 - 1).numpy()
        return features
