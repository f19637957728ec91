"""Faces followed from frame to frame of a video, with smoothed landmarks.

A face moves with its pixels, and only what the landmarks of the detector add to that is smoothed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from s2f_cli.faces.align import FaceChoice
from s2f_cli.faces.geometry import Face
from s2f_cli.faces.motion import movement
from s2f_cli.faces.one_euro import OneEuroFilter, Points

_OVERLAP = 0.3
"""The intersection over union of two boxes from which they show the same face."""
_PATIENCE = 0.4
"""How long a face stays where it was after it is no longer found, in seconds."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TrackedFace:
    """A face in a frame, and the number that it has in all frames."""

    number: int
    face: Face


@dataclass
class _Track:
    number: int
    face: Face
    smoother: OneEuroFilter
    missing: int = 0
    """The frames since the face was last found."""

    def move(self, before: Image.Image, after: Image.Image) -> None:
        """Move the face with its pixels."""
        by = np.array(movement(before, after, self.face.box))
        self.smoother.move(by)
        self.face = _moved(self.face, _points(self.face) + by)

    def update(self, found: Face) -> None:
        self.missing = 0
        self.face = _moved(found, self.smoother.update(_points(found), found.box[2] - found.box[0]))


class FaceTracker:
    """Follows the faces of a shot, through frames in which one is not found."""

    def __init__(self, rate: float, choice: FaceChoice = "all") -> None:
        """A tracker for `rate` frames per second.

        Unless `choice` is `all`, it follows one face, and chooses the next one when that has gone.
        """
        self._rate, self._choice = rate, choice
        self._tracks: list[_Track] = []
        self._count = 0
        self._frame: Image.Image | None = None

    def reset(self) -> None:
        """Forget all faces, at a cut."""
        self._tracks = []

    def update(self, faces: Sequence[Face], frame: Image.Image) -> list[TrackedFace]:
        """The faces of the next frame, in which `faces` were found, most confident first."""
        before, self._frame = self._frame, frame.convert("L")
        if before is not None:
            for track in self._tracks:
                track.move(before, self._frame)
        left = list(faces)
        for track in self._tracks:
            match = max(left, key=lambda face: _overlap(face.box, track.face.box), default=None)
            if match is not None and _overlap(match.box, track.face.box) >= _OVERLAP:
                left.remove(match)
                track.update(match)
            else:
                track.missing += 1
        self._tracks = [track for track in self._tracks if track.missing <= _PATIENCE * self._rate]
        for face in self._chosen(left):
            self._count += 1
            self._tracks.append(_Track(self._count, face, OneEuroFilter(self._rate)))
            self._tracks[-1].update(face)
        return [TrackedFace(track.number, track.face) for track in self._tracks]

    def _chosen(self, faces: list[Face]) -> list[Face]:
        """The faces to follow from now on."""
        if self._choice == "all":
            return faces
        if self._tracks:
            return []
        return sorted(faces, key=_width, reverse=True)[:1] if self._choice == "largest" else faces[:1]


def _width(face: Face) -> float:
    return face.box[2] - face.box[0]


def _points(face: Face) -> Points:
    left, top, right, bottom = face.box
    nose = [] if face.nose is None else [face.nose]
    return np.array(
        [
            *((left, top), (right, bottom)),
            *(face.left_corner, face.right_corner, face.left_eye, face.right_eye),
            *nose,
        ]
    )


def _moved(face: Face, points: Points) -> Face:
    """A face with other points, in the order of `_points`."""
    start, end, left_corner, right_corner, left_eye, right_eye, *nose = (
        (float(x), float(y)) for x, y in points
    )
    return Face((*start, *end), face.confidence, left_corner, right_corner, left_eye, right_eye, *nose)


def _overlap(first: Box, second: Box) -> float:
    """The intersection over union of two boxes."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return width * height / (sum(areas) - width * height)
