"""The shape of a head in an aligned face: what of its translation is pasted onto an untranslated photo."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.faces.geometry import Face, Transform
from s2f_cli.models.pretrained.person_mask import person_mask

_Reach = tuple[float, float, float, float]
"""How far a shape reaches above, below and beside the middle of the eyes, at the hair and at the jaw.

In distances of the eyes."""
_HEAD: _Reach = (2.3, 2.05, 2.0, 1.5)
_FACE: _Reach = (1.2, 1.95, 1.3, 1.2)
"""The face without hair and backdrop."""
_SOFT = 0.12
"""Width of the soft edge, as a share of the shape."""
_FOUND = 0.6
"""The least mean of the person mask in the face at which it is believed."""


def face_mask(image: Image.Image, face: Face, transform: Transform) -> Image.Image:
    """Return the opacity of a head in its aligned face `image`: mode `L`, of its size, soft at the edges.

    It is the part of an oval around the eyes that shows a person, hair included. Where the network that finds
    people does not see one, as in drawings, it is a smaller oval: the face alone.
    """
    head, inner = (_oval(image.size, face, transform, reach) for reach in (_HEAD, _FACE))
    person = person_mask(image)
    found = float((person * (inner > 0)).sum() / max((inner > 0).sum(), 1))
    opacity = np.maximum(head * person, inner) if found >= _FOUND else inner
    return Image.fromarray((255 * opacity).round().astype(np.uint8))


def _oval(size: tuple[int, int], face: Face, transform: Transform, reach: _Reach) -> npt.NDArray[np.float64]:
    """The opacity of an oval around the eyes: (height, width) in [0, 1]."""
    zoom = size[0] / transform.width
    left, right = (zoom * complex(*transform(eye)) for eye in (face.left_eye, face.right_eye))
    y, x = np.mgrid[0.5 : size[1], 0.5 : size[0]]
    offset = (x + 1j * y - (left + right) / 2) / (right - left)
    above, below, hair, jaw = reach
    beside = np.interp(offset.imag, (0, 1), (hair, jaw))
    distance = np.hypot(offset.real / beside, offset.imag / np.where(offset.imag < 0, above, below))
    inside = np.clip((1 - distance) / _SOFT, 0, 1)
    return inside * inside * (3 - 2 * inside)
