"""What surrounds the person in a sketch: the scene, white paper, or nothing."""

from typing import Literal

import numpy as np
from PIL import Image

from s2f_cli.core.errors import ImageError
from s2f_cli.models.pretrained.person_mask import person_mask

Background = Literal["keep", "white", "transparent"]
"""`keep` draws the scene as the photo shows it."""

_NOBODY, _SOMEBODY = 0.2, 0.7
"""Shares of a person below which a pixel is all scene, and above which it is all person."""
_FOUND = 0.5
"""The least share of a person that some pixel has in a photo of a person."""


def require_person(photo: Image.Image) -> None:
    """Raise ImageError if a photo shows no person."""
    if person_mask(photo).max() < _FOUND:
        raise ImageError("no person was found in the photo", "draw the whole photo, with --background keep")


def replaced(sketch: Image.Image, photo: Image.Image, background: Background) -> Image.Image:
    """Keep what a sketch shows of the person in its photo; the rest is white or transparent.

    A network finds the person; see the model card of person_mask. The paper within the person stays white.
    The result has the mode of the sketch, and an alpha channel if it is transparent.
    """
    if background == "keep":
        return sketch
    shares = ((person_mask(photo) - _NOBODY) / (_SOMEBODY - _NOBODY)).clip(0, 1)
    mask = Image.fromarray((shares * 255).round().astype(np.uint8))
    if mask.size != sketch.size:
        mask = mask.resize(sketch.size, Image.Resampling.BILINEAR)
    cut = Image.composite(sketch, Image.new(sketch.mode, sketch.size, "white"), mask)
    if background == "transparent":
        cut.putalpha(mask)
    return cut
