"""Inputs of a kind with which a model's card says that it has difficulties.

The thresholds were chosen on 120 photos of CelebA, 40 of LFW and 32 of the London set: three of them count as
dark or turned.
"""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from PIL import Image

from s2f_cli.faces.geometry import Face

_DARK = 45
"""Median grey level of a face, or of a photo without one, that counts as very dark, at most."""
_TURNED = 0.3
"""Distance of the nose from the middle line of the eyes, by the distance of the eyes, of a turned head."""
_CLOSE = 1.6
"""Distance of the middles of two heads that are close together, by the width of their boxes, at most."""

_WORDS = {
    "it is very dark": r"\bdark (photo|picture|image|scene)",
    "a head is turned": r"\bprofile",
    "heads are close together": r"\b(heads|faces) close together\b",
}
"""What is seen in an input → the words by which a card names it."""


def weaknesses(limits: str, photo: Image.Image, faces: Sequence[Face]) -> list[str]:
    """What is seen in a photo (`L` or `RGB`) that the limits of a card name, with their sentence.

    `faces` are those found in the photo.
    """
    sentences = re.split(r"(?<=\.)\s+", limits)
    return [
        f"{seen}, and the model's card says: {sentence.rstrip('.')}"
        for seen in _seen(photo, faces)
        for sentence in sentences
        if re.search(_WORDS[seen], sentence, re.IGNORECASE)
    ]


def _seen(photo: Image.Image, faces: Sequence[Face]) -> Iterator[str]:
    parts = [photo.crop(face.box) for face in faces] or [photo]
    if any(np.median(np.asarray(part.convert("L"))) <= _DARK for part in parts if min(part.size)):
        yield "it is very dark"
    if any(_turn(face) > _TURNED for face in faces):
        yield "a head is turned"
    if any(_gap(one, other) < _CLOSE for one, other in combinations(faces, 2)):
        yield "heads are close together"


def _turn(face: Face) -> float:
    """The distance of the nose from the middle line of the eyes, in distances of the eyes."""
    if face.nose is None:
        return 0.0
    (left, top), (right, bottom) = face.left_eye, face.right_eye
    wide, high = right - left, bottom - top
    across = (face.nose[0] - (left + right) / 2) * wide + (face.nose[1] - (top + bottom) / 2) * high
    return abs(across) / max(wide**2 + high**2, 1.0)


def _gap(one: Face, other: Face) -> float:
    """The distance of two boxes' middles, by the mean of their widths."""
    middles = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (one.box, other.box)]
    width = sum(box[2] - box[0] for box in (one.box, other.box)) / 2
    return math.dist(*middles) / max(width, 1.0)
