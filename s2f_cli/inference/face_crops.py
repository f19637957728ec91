"""Crop the faces of a photo, and paste their translations back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.faces import align
from s2f_cli.faces.align import AlignedFace, AlignSettings
from s2f_cli.faces.geometry import paste_back
from s2f_cli.inference.face_mask import face_mask

_ALIGNED = 0.1
"""A photo counts as aligned if aligning moves its corners by less than this fraction of the width."""


@dataclass(frozen=True)
class FaceCrops:
    """A photo and its aligned faces; without faces, the photo is translated as it is."""

    photo: Image.Image
    faces: Sequence[AlignedFace] = ()
    no_face: bool = False
    """Whether a face was looked for and not found."""
    scale: float | None = None
    """The scale at which the photo is translated behind the faces; None for that of the first face."""

    @property
    def images(self) -> list[Image.Image]:
        """The inputs of a model: the aligned faces, or the photo if there are none."""
        return [face.image for face in self.faces] or [self.photo]

    def paste_back(
        self,
        outputs: Sequence[Image.Image],
        background: Image.Image | None = None,
        shapes: Sequence[Image.Image | None] | None = None,
    ) -> Image.Image:
        """Paste the translation of each face onto a background of the photo's size, with soft seams.

        `shapes` are the opacities of the aligned faces, as `head_shapes` returns them; None is opaque.

        The background is the photo by default. The result has its size, and is `RGB` if the background or any
        output is. Where faces overlap, the first one (the largest or most certain) is on top.
        """
        image = background or self.photo
        shapes = shapes or [None] * len(self.faces)
        for face, output, shape in reversed(list(zip(self.faces, outputs, shapes, strict=True))):
            image = paste_back(output, image, face.transform, shape=shape)
        return image

    def head_shapes(self) -> list[Image.Image]:
        """The shapes of the heads in the aligned faces, so that their backdrops are not pasted."""
        return [face_mask(face.image, face.face, face.transform) for face in self.faces]


def crop_faces(photo: Image.Image, settings: AlignSettings | None, *, optional: bool = False) -> FaceCrops:
    """Find and align the faces of a photo; without settings, the photo is kept as it is.

    Raises ImageError if no face is found. With `optional`, a photo that shows no face, or is an aligned face
    already, is kept as it is.
    """
    if settings is None:
        return FaceCrops(photo)
    try:
        faces = align.align(photo, settings)
    except ImageError as error:
        if optional:
            return FaceCrops(photo, no_face=True)
        raise ImageError(error.message, "translate the image as it is, with --align none") from None
    if optional and len(faces) == 1 and is_aligned(photo, faces[0]):
        return FaceCrops(photo)
    return FaceCrops(photo, faces)


def is_aligned(photo: Image.Image, face: AlignedFace) -> bool:
    """Whether aligning hardly moves the photo's corners."""
    to_face = face.transform
    corners = [(0, 0), (photo.width, 0), (0, photo.height), (photo.width, photo.height)]
    targets = [(0, 0), (to_face.width, 0), (0, to_face.height), (to_face.width, to_face.height)]
    return all(
        math.dist(to_face(corner), target) < _ALIGNED * to_face.width
        for corner, target in zip(corners, targets, strict=True)
    )
