"""The aligned face that dlib's face embedding looks at: a chip of 150×150 pixels."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from s2f_cli.core.requirements import require
from s2f_cli.faces import dlib_models
from s2f_cli.faces.geometry import Transform

SIDE = 150
"""Width and height of a chip, in pixels."""
_PADDING = 0.25
"""The rim around the face that the embedding was trained with, as a fraction of its width."""


class ChipFinder:
    """Finds the chip of the largest face; raises MissingPart without dlib or its models."""

    def __init__(self) -> None:
        self._dlib = require("dlib")
        self._detect, self._landmarks = dlib_models.detector(), dlib_models.landmarks()

    def find(self, image: npt.NDArray[np.uint8]) -> Transform | None:
        """Return the transform from an image (H, W, 3) to the chip; None if no face is found."""
        landmarks = self._largest(image)
        if landmarks is None:
            return None
        return _transform(self._dlib.get_face_chip_details(landmarks, SIDE, _PADDING))

    def cut(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
        """Return the chip (150, 150, 3) of an image (H, W, 3); None if no face is found."""
        landmarks = self._largest(image)
        if landmarks is None:
            return None
        chip: npt.NDArray[np.uint8] = self._dlib.get_face_chip(image, landmarks, SIDE, _PADDING)
        return chip

    def _largest(self, image: npt.NDArray[np.uint8]) -> Any:
        """The landmarks of the largest face; None if no face is found."""
        boxes = self._detect(image, 0) or self._detect(image, 1)
        return self._landmarks(image, max(boxes, key=lambda box: box.area())) if boxes else None


def _transform(details: Any) -> Transform:
    """The transform that `dlib.extract_image_chip` applies, with the centre of the first pixel at 0.5."""
    box, cosine, sine = details.rect, math.cos(details.angle), math.sin(details.angle)
    scale = (box.right() - box.left()) / (SIDE - 1)
    a, b, d, e = scale * cosine, -scale * sine, scale * sine, scale * cosine
    x, y = (box.left() + box.right()) / 2 + 0.5, (box.top() + box.bottom()) / 2 + 0.5
    middle = SIDE / 2
    to_image = (a, b, x - (a + b) * middle, d, e, y - (d + e) * middle)
    return Transform(to_image, SIDE, SIDE).inverse()
