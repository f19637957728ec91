"""The sketcher `xdog`: ink lines by the extended difference of Gaussians.

Winnemöller, Kyprianidis and Olsen, "XDoG", Computers & Graphics 2012.
"""

import numpy as np
from PIL import Image
from scipy import ndimage

__all__ = ["xdog"]

_SIGMA = 1.1 / 256
"""Line width, as a share of the image's short side."""
_RATIO = 1.6  # k of the paper
_SHARPNESS = 14.0  # p
_LEVEL = 0.6  # ε
_SOFTNESS = 3.2  # φ
_LIGHTING = 1 / 10
"""Radius of the average that estimates the lighting, as a share of the short side."""


def xdog(photo: Image.Image, seed: int) -> Image.Image:
    """Draw a photo (`L` or `RGB`) in ink: a gray image (`L`) of its size; `seed` has no effect.

    Section 2.3: S = (1 + p)·G_σ - p·G_kσ of the luminance, white where S ≥ ε, else 1 + tanh(φ·(S - ε)), with
    k = 1.6, p = 14, ε = 0.6, φ = 3.2. The luminance is first divided by its local average, so that dark hair,
    dark skin and dark photos become lines instead of blots.
    """
    light = np.asarray(photo.convert("L"), np.float32) / 255
    side = min(photo.size)
    around = ndimage.gaussian_filter(light, max(_LIGHTING * side, 1.0))
    flat = np.clip(0.8 * (light + 0.1) / (around + 0.1), 0, 1)
    sigma = max(_SIGMA * side, 0.5)
    fine, coarse = (ndimage.gaussian_filter(flat, s) for s in (sigma, _RATIO * sigma))
    edges = (1 + _SHARPNESS) * fine - _SHARPNESS * coarse
    ink = np.where(edges >= _LEVEL, 1.0, 1 + np.tanh(_SOFTNESS * (edges - _LEVEL)))
    return Image.fromarray((255 * np.clip(ink, 0, 1)).round().astype(np.uint8))
