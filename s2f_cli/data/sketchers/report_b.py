"""The sketcher `report_b`: the sketch filter of report B, appendix A."""

import random

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

__all__ = ["report_b"]


def report_b(photo: Image.Image, seed: int) -> Image.Image:
    """Filter a photo (`L` or `RGB`) into a gray sketch (`L`) of its size.

    Report B, appendix A, as in its authors' code: blur the photo with a radius from U(0.8, 1.5), and average
    it with the inverted blur, channel by channel, which leaves edges on flat gray. Then scale brightness by
    U(1.5, 2.0) and contrast by U(1.5, 3.0). The three values are drawn with `seed`.
    """
    draw = random.Random(seed)
    radius, brightness, contrast = draw.uniform(0.8, 1.5), draw.uniform(1.5, 2.0), draw.uniform(1.5, 3.0)
    original, blurred = _unit(photo), _unit(photo.filter(ImageFilter.GaussianBlur(radius)))
    edges = Image.fromarray(((1 + original - blurred) / 2 * 255).astype(np.uint8))
    bright = ImageEnhance.Brightness(edges).enhance(brightness)
    return ImageEnhance.Contrast(bright).enhance(contrast).convert("L")


def _unit(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float32) / 255
