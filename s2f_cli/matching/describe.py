"""From the face of a photo, or of a sketch, to its row: numbers whose product with another is similarity.

A row has two parts. One says where edges run in which direction, which sketch and photo share. The other is
dlib's embedding: of a photo, its own; of a sketch, its own and that of the photo that the model
sketch-to-face makes of it. `projection` makes the rows of both comparable.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core.marks import Mark
from s2f_cli.faces.align import AlignedFace, AlignSettings, align
from s2f_cli.faces.embedding import FaceEmbedder
from s2f_cli.inference.translator import Translator
from s2f_cli.matching import projection
from s2f_cli.matching.index import Box
from s2f_cli.models import zoo

FEATURES = "gradients and embeddings 1"
"""What the rows of photos are; an index of other features is built again."""
MODEL = "sketch-to-face.safetensors"
"""The shipped model that makes a photo of a sketch."""

PRESET, SIDE = "ffhq", 256
"""How faces are aligned, and their width in pixels."""


class PhotoFace(NamedTuple):
    """A face of a photo."""

    box: Box
    """Left, top, right and bottom, in pixels of the photo."""
    row: npt.NDArray[np.float32]
    """(320,)."""


@dataclass(frozen=True)
class Sketch:
    """The face of a sketch."""

    row: npt.NDArray[np.float32]
    """(320,)."""
    image: Image.Image
    """The aligned sketch, 256×256."""
    face: Image.Image
    """The photo made of it, 256×256."""


def photo(image: Image.Image) -> list[PhotoFace]:
    """Describe all faces of a photo (`L` or `RGB`); raises ImageError if it shows none."""
    return [_photo_face(face) for face in align(image, AlignSettings(PRESET, SIDE, "all"))]


def sketch(image: Image.Image) -> Sketch:
    """Describe the largest face of a sketch (`L` or `RGB`); raises ImageError if it shows none."""
    (face,) = align(image, AlignSettings(PRESET, SIDE, "largest"))
    drawn = face.image.convert("L")
    (made,) = model().translate([drawn], "face", "model")
    row = projection.shipped().sketch(
        projection.gradients(drawn), embedding(face, face.image), embedding(face, made)
    )
    return Sketch(row, drawn, made)


def crop(image: Image.Image, box: Box) -> Image.Image:
    """The aligned face (256×256) in a photo that is nearest to a box."""
    faces = align(image, AlignSettings(PRESET, SIDE, "all"))
    return min(faces, key=lambda face: float(np.abs(np.subtract(face.face.box, box)).sum())).image


def mark(source: str) -> Mark:
    """The mark of an image that shows a photo made of a sketch."""
    return model().card.mark(source)


def _photo_face(face: AlignedFace) -> PhotoFace:
    histograms = projection.gradients(face.image)
    return PhotoFace(face.face.box, projection.shipped().photo(histograms, embedding(face, face.image)))


def embedding(face: AlignedFace, image: Image.Image) -> npt.NDArray[np.float32]:
    """The embedding (128,) of an image that shows an aligned face, or what was made of it."""
    left, top, right, bottom = face.face.box
    box = (*face.transform((left, top)), *face.transform((right, bottom)))
    return _embedder().inside(np.asarray(image.convert("RGB")), box).astype(np.float32)


@cache
def _embedder() -> FaceEmbedder:
    return FaceEmbedder()


@cache
def model() -> Translator:
    """The model, in one thread, because galleries are indexed in several processes."""
    return Translator.open(zoo.SHIPPED / MODEL, "cpu", threads=1)
