"""The sketcher `pencil`: strokes and tone of a pencil drawing (Lu, Xu, Jia, NPAR 2012)."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage, signal

__all__ = ["pencil"]

_DIRECTIONS = 8
_STROKE = 1 / 42
"""Stroke length, as a share of the image's short side."""
_WEIGHTS = (0.76, 0.22, 0.02)
"""Shares of bright, middle and dark tones in a drawing (the paper's 76:22:2)."""

Levels = npt.NDArray[np.floating]


def pencil(photo: Image.Image, seed: int) -> Image.Image:
    """Draw a photo (`L` or `RGB`) in pencil: a gray image (`L`) of its size; the grain depends on `seed`.

    Lu, Xu and Jia, "Combining sketch and tone for pencil drawing production", sections 3.1 and 3.2: strokes
    in eight directions from the gradients, multiplied by the tones of real drawings from histogram matching.
    In place of the paper's scanned pencil texture and linear system (equation 8), seeded grain runs along
    the hatching and grows with the darkness of the tone.
    """
    light = np.asarray(photo.convert("L"), float) / 255
    drawing = _strokes(light) * _shading(light, np.random.default_rng(seed))
    return Image.fromarray((255 * np.clip(drawing, 0, 1)).round().astype(np.uint8))


def _strokes(light: Levels) -> Levels:
    """Section 3.1: assign each pixel's gradient to its strongest direction, and convolve it along that."""
    smooth = ndimage.gaussian_filter(light, 0.6)
    gradient = np.hypot(*(ndimage.correlate1d(smooth, (-0.5, 0, 0.5), axis) for axis in (0, 1)))
    length = max(round(min(light.shape) * _STROKE), 3)
    lines = [_line(np.pi * k / _DIRECTIONS, length) for k in range(_DIRECTIONS)]
    strongest = np.argmax([_along(gradient, line) for line in lines], axis=0)
    drawn = sum(_along(np.where(strongest == k, gradient, 0), line) for k, line in enumerate(lines))
    return 1 - np.clip(drawn / max(float(np.percentile(drawn, 99.5)), 0.1), 0, 1)


def _line(angle: float, length: int) -> Levels:
    """A kernel (2·length + 1)² with a one-pixel line through its centre, summing to 1."""
    y, x = np.mgrid[-length : length + 1, -length : length + 1]
    across = np.abs(x * np.sin(angle) + y * np.cos(angle))
    kernel: Levels = np.clip(1 - across, 0, 1) * (np.hypot(x, y) <= length)
    return kernel / kernel.sum()


def _along(levels: Levels, line: Levels) -> Levels:
    """Convolve with a line kernel, mirroring at the edges."""
    rim = len(line) // 2
    blurred: Levels = signal.fftconvolve(np.pad(levels, rim, mode="symmetric"), line, mode="valid")
    return blurred


def _shading(light: Levels, random: np.random.Generator) -> Levels:
    """Section 3.2: match the photo's tones to those of a drawing, and add grain that grows in the dark."""
    order = np.argsort(ndimage.gaussian_filter(light, 0.5), axis=None, kind="stable")
    tones = np.empty(light.size)
    tones[order] = _tones(light.size)
    tone = ndimage.gaussian_filter(tones.reshape(light.shape), max(min(light.shape) / 200, 0.5))
    grain = _along(random.random(light.shape) - 0.5, _line(np.pi / 4, 4))
    return tone * (1 + 1.6 * (1 - tone) * grain / max(float(grain.std()), 1e-6) * 0.35)


def _tones(count: int) -> Levels:
    """`count` ascending tones in [0, 1]: the paper's mixture of bright, middle and dark (equation 4)."""
    levels = np.arange(256.0)
    bright = np.exp(-(255 - levels) / 9)
    middle = ((levels >= 105) & (levels <= 225)).astype(float)
    dark = np.exp(-((levels - 90) ** 2) / (2 * 11**2))
    layers = (layer / layer.sum() for layer in (bright, middle, dark))
    shares = sum(weight * layer for weight, layer in zip(_WEIGHTS, layers, strict=True))
    tones: Levels = np.interp((np.arange(count) + 0.5) / count, np.cumsum(shares), levels / 255)
    return tones
