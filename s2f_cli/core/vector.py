"""Drawings as SVG: outlines of their ink, traced by vtracer (extra svg)."""

import io
import re
from collections.abc import Mapping

import numpy as np
from PIL import Image

from s2f_cli.core import requirements, xmp

MAX_OUTLINES = 2000
"""The closed outlines of an SVG; smaller specks are left out until there are no more."""

_ZOOM = 2
"""An image is enlarged before it is traced, which keeps thin lines smooth."""
_DARKEST, _LIGHTEST = 96, 208
"""The range of the level that separates ink from paper."""
_FAINT, _NEAR = 18, 6.0
"""A pixel this many levels darker than what is near, within about this many pixels, is ink too."""


def svg(image: Image.Image, properties: Mapping[str, str]) -> str:
    """Trace the ink of an image: black shapes without a backdrop, at the size of the image.

    What is darker than Otsu's threshold (1979), kept within 96 and 208, is ink, and so are fainter lines that
    are darker than their surroundings. Tones become solid: drawings of lines suit best. `properties` of XMP
    are the metadata. Equal images give equal texts. Raises MissingPart if vtracer is not installed.
    """
    tracer = requirements.require("vtracer", "svg")
    ink = _ink(image)
    width, height = ink.size
    pixels = io.BytesIO()
    ink.save(pixels, "PNG", compress_level=1)
    speck = 2
    while True:
        text = tracer.convert_raw_image_to_svg(
            pixels.getvalue(), "png", colormode="binary", filter_speckle=speck, path_precision=1
        )
        if outlines(text) <= MAX_OUTLINES:
            break
        speck *= 2
    head = (
        f'<svg version="1.1" xmlns="http://www.w3.org/2000/svg" width="{image.width}" '
        f'height="{image.height}" viewBox="0 0 {width} {height}">'
    )
    packet = xmp.packet(properties).decode()
    metadata = f"\n<metadata>{packet}</metadata>" if packet else ""
    return re.sub(r"<svg [^>]*>", lambda _: head + metadata, text, count=1)


def outlines(text: str) -> int:
    """The number of closed outlines in an SVG of vtracer."""
    return sum(path.count("M") for path in re.findall(r' d="([^"]*)"', text))


def _ink(image: Image.Image) -> Image.Image:
    """The image, enlarged, with ink in black and paper in white."""
    from scipy.ndimage import gaussian_filter
    from skimage.filters import threshold_otsu

    gray = image.convert("L")
    gray = gray.resize((gray.width * _ZOOM, gray.height * _ZOOM), Image.Resampling.BICUBIC)
    levels = np.asarray(gray, np.float32)
    darkest = np.clip(threshold_otsu(levels), _DARKEST, _LIGHTEST)
    threshold = np.maximum(darkest, gaussian_filter(levels, _NEAR * _ZOOM) - _FAINT)
    return Image.fromarray(((levels > threshold) * 255).astype(np.uint8)).convert("RGB")
