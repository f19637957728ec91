"""The faces of an image, for the page."""

from PIL import Image
from pydantic import BaseModel

from s2f_cli.faces import align
from s2f_cli.faces.geometry import Point


class FaceFound(BaseModel):
    """A face in an image; points are in its pixels."""

    left: Point
    """The centre of the eye on the left side of the image."""
    right: Point
    box: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    confidence: float | None


def find_faces(image: Image.Image) -> list[FaceFound]:
    """Find the faces of an image, the largest first; raises MissingPart if dlib is not installed."""
    faces = sorted(align.find(image), key=lambda face: face.box[0] - face.box[2])
    return [
        FaceFound(left=face.left_eye, right=face.right_eye, box=face.box, confidence=face.confidence)
        for face in faces
    ]
