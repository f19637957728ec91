"""dlib's frontal face detector and its predictor of five landmarks.

D. King: Dlib-ml, JMLR 10, 2009 (the library); V. Kazemi, J. Sullivan: One millisecond face alignment with an
ensemble of regression trees, CVPR 2014 (the landmarks).
"""

from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

from s2f_cli.core.requirements import require
from s2f_cli.faces import dlib_models
from s2f_cli.faces.geometry import Face, Point

__all__ = ["Dlib"]

_SMALL, _LARGE = 640, 1280
"""The longer side of the first copy that is searched (at most) and of the last, in pixels."""
_SURE, *_UNSURE = 0.0, -0.3, -0.6
"""Detection thresholds, tried in this order until one is met; negative ones only in the last copy."""
_SHARP = 320
"""The width of the face in the copy for the landmarks, in pixels; dlib rounds landmarks to whole pixels."""


class Dlib:
    """Finds faces in photos and sketches; raises MissingPart if dlib or its models are not installed."""

    def __init__(self) -> None:
        self._dlib = require("dlib")
        self._detector = dlib_models.detector()
        dlib_models.file(dlib_models.LANDMARKS)

    def find(self, image: Image.Image) -> list[Face]:
        """Find the faces in an image (`L` or `RGB`), most confident first; empty if there are none.

        Searches a small copy, one twice as large and a large one, the last also with lower thresholds. Stops
        at the first copy and threshold with a face.
        """
        colour = image.convert("RGB")
        scales = _scales(max(colour.size))
        for scale in scales:
            copy = (
                colour
                if scale == 1
                else colour.resize(_scaled(colour.size, scale), Image.Resampling.BILINEAR)
            )
            levels = (_SURE, *_UNSURE) if scale == scales[-1] else (_SURE,)
            boxes, scores, _ = self._detector.run(np.asarray(copy), 0, levels[-1])
            threshold = next((level for level in levels if max(scores, default=-1.0) >= level), None)
            if threshold is not None:
                ranked = sorted(zip(scores, boxes, strict=True), key=lambda pair: -pair[0])
                return [self._face(colour, box, scale, score) for score, box in ranked if score >= threshold]
        return []

    @cached_property
    def _points(self) -> Any:
        return dlib_models.landmarks()

    def _face(self, image: Image.Image, box: "dlib.rectangle", scale: float, score: float) -> Face:  # type: ignore[name-defined] # noqa: F821
        left, top = box.left() / scale, box.top() / scale
        right, bottom = (box.right() + 1) / scale, (box.bottom() + 1) / scale
        zoom = _SHARP / (right - left)
        rim = 0.5 * (right - left)
        area = (
            max(left - rim, 0),
            max(top - rim, 0),
            min(right + rim, image.width),
            min(bottom + rim, image.height),
        )
        size = _scaled((area[2] - area[0], area[3] - area[1]), zoom)
        copy = np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=area))
        inside = self._dlib.rectangle(
            *(
                round((value - area[i % 2]) * zoom)
                for i, value in enumerate((left, top, right - 1, bottom - 1))
            )
        )
        shape = self._points(copy, inside)
        points = [((p.x + 0.5) / zoom + area[0], (p.y + 0.5) / zoom + area[1]) for p in shape.parts()]
        right_corner, right_inner, left_corner, left_inner, nose = points
        return Face(
            box=(left, top, right, bottom),
            confidence=score,
            left_corner=left_corner,
            right_corner=right_corner,
            left_eye=_middle(left_corner, left_inner),
            right_eye=_middle(right_corner, right_inner),
            nose=nose,
        )


def _scales(side: int) -> list[float]:
    """The scales at which to search an image whose longer side is `side` pixels, smallest first."""
    small = min(_SMALL / side, 1.0)
    return sorted({small, min(2 * small, _LARGE / side), _LARGE / side})


def _middle(first: Point, second: Point) -> Point:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


def _scaled(size: tuple[float, float], scale: float) -> tuple[int, int]:
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)
