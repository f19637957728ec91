"""Whole photos: their faces cut out for a model, and what it makes of them put back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.faces import align
from s2f_cli.faces.align import Aligned
from s2f_cli.faces.geometry import paste_back


@dataclass(frozen=True)
class FaceCrops:
    """A photo and the faces that were cut out of it; none when it is to be translated as it is."""

    photo: Image.Image
    faces: Sequence[Aligned] = ()

    @property
    def pictures(self) -> list[Image.Image]:
        """What a model is given: the aligned faces, or the photo."""
        return [face.image for face in self.faces] or [self.photo]

    def put_back(self, made: Sequence[Image.Image], whole: Image.Image | None = None) -> Image.Image:
        """The photo with what was made of each of its pictures in the place of its face, with soft seams.

        `whole`, of the photo's size, takes the photo's place. The result has that size, and is `RGB` when it
        or what was made is. The first face, which was largest or surest, lies on top where two meet.
        """
        whole = whole or self.photo
        for face, one in reversed(list(zip(self.faces, made, strict=True))):
            whole = paste_back(one, whole, face.transform)
        return whole


_FINDING = Lock()
"""A detector finds faces in one photo at a time."""
_NEAR = 0.1
"""How far the corners of an aligned photo may lie from where aligning takes them, as a share of the width."""


def crop_faces(
    photo: Image.Image, settings: align.AlignSettings | None, *, as_needed: bool = False
) -> FaceCrops:
    """A photo with its faces, aligned; raises ImageError when there is none.

    `as_needed` leaves a photo as it is when it holds no face, or is an aligned face already.
    """
    if settings is None:
        return FaceCrops(photo)
    try:
        with _FINDING:
            faces = align.align(photo, settings)
        return (
            FaceCrops(photo)
            if as_needed and len(faces) == 1 and _fills(photo, faces[0])
            else FaceCrops(photo, faces)
        )
    except ImageError as problem:
        if as_needed:
            return FaceCrops(photo)
        raise ImageError(problem.message, "translate the picture as it is, with --align none") from None


def _fills(photo: Image.Image, face: Aligned) -> bool:
    """Whether aligning hardly moves the photo's corners."""
    goal = face.transform
    corners = [(0, 0), (photo.width, 0), (0, photo.height), (photo.width, photo.height)]
    goals = [(0, 0), (goal.width, 0), (0, goal.height), (goal.width, goal.height)]
    return all(math.dist(goal(c), g) < _NEAR * goal.width for c, g in zip(corners, goals, strict=True))
