"""Doubts about an input: blank, without a face, or of the domain that is asked for.

The thresholds were chosen on 150 images each of CelebA, LFW, the London set, FS2K, CUHK student and CUFSF:
every colour photo spreads its hues by more than 12, every scanned sketch by less than 3.
"""

import numpy as np
from PIL import Image

from s2f_cli.models.domains import Domain

_SIDE = 64
_FLAT = 2.0
"""Standard deviation of the grey levels (0 to 255) of a blank image, at most."""
_COLOURFUL = 7.0
"""Standard deviation of the colour differences of a photo, at least."""
_PAPER = 200
"""Grey level of paper, at least."""
_NEAR = 28
"""Grey levels within which pixels count as paper."""


def doubts(photo: Image.Image, to: Domain, no_face: bool = False) -> list[str]:
    """Return what is doubtful about an image (`L` or `RGB`) that is to be translated, each in words.

    `no_face` says that a face was looked for and not found.
    """
    small = np.asarray(photo.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float64)
    levels = small.mean(axis=2)
    if levels.std() < _FLAT:
        return ["it is blank"]
    found = ["no face was found, so all of it was translated as it is"] if no_face else []
    red, green, blue = _white_balanced(small).transpose(2, 0, 1)
    colours = np.hypot((red - green).std(), ((red + green) / 2 - blue).std())
    paper = _most_common(levels)
    if to == "face" and (colours > _COLOURFUL or paper < _PAPER):
        found.append("it looks like a photo, but models to faces expect sketches")
    elif to == "sketch" and colours < _COLOURFUL and paper > _PAPER and _on_paper(levels, paper):
        found.append("it looks like a drawing, but models to sketches expect photos")
    return found


def _white_balanced(levels: np.ndarray) -> np.ndarray:
    """Levels (height, width, 3) with gray paper, whatever its tint."""
    white = np.percentile(levels, 95, axis=(0, 1)).clip(64)
    return (levels * (white.max() / white)).clip(0, 255)


def _most_common(levels: np.ndarray) -> float:
    counts, edges = np.histogram(levels, bins=32, range=(0, 256))
    return float(edges[counts.argmax()] + 4)


def _on_paper(levels: np.ndarray, paper: float) -> bool:
    """Whether much of an image is as bright as its paper, also in its middle, where a photo shows skin."""
    near = np.abs(levels - paper) < _NEAR
    quarter = _SIDE // 4
    return bool(near.mean() > 0.4 and near[quarter:-quarter, quarter:-quarter].mean() > 0.35)
