"""The sketcher `freehand`: few even strokes, as drawn with a mouse, a pen or a felt-tip."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from s2f_cli.data.sketchers._eyes import Eyes, find_eyes
from s2f_cli.data.sketchers._lines import Levels, Path, darkness, evenly_lit, ridges

__all__ = ["freehand"]

_SIDE = 256
"""The short side at which lines are found, in pixels; all lengths below refer to it."""
_LONGEST = 1024
"""The longest side at which lines are found, for images of an extreme shape."""
_LARGEST = 4096
"""The longest side of the canvas that strokes are drawn on before they are shrunk."""
_EYES_APART = 60.0
"""The usual distance of the eyes."""
_TREMOR = 8.0
"""Standard deviation of the smoothing that makes noise a slow tremor."""
_OF_NOISE = math.sqrt(2 * math.sqrt(math.pi) * _TREMOR)
"""The factor by which that smoothing lowers the standard deviation."""


@dataclass(frozen=True)
class _Hand:
    """How somebody draws."""

    width: float
    """Width of the pen, 1 to 6."""
    ink: int
    """Gray level of the ink, 0 to 50."""
    scale: float
    """The smallest detail that is seen: `scale` of `darkness`."""
    share: float
    """The share of the image that is dark enough to be drawn."""
    shortest: float
    """Length of the shortest stroke."""
    rounding: float
    """Standard deviation of the smoothing along a stroke."""
    wobble: float
    """Standard deviation of the tremor along a stroke."""
    shift: float
    """Standard deviation of the place of a whole stroke."""
    dropped: float
    """Share of short strokes that are left out."""
    gaps: float
    """Share of long strokes with a gap."""
    repeats: float
    """Share of strokes that are drawn twice."""
    overshoot: float
    """Longest straight extension of a stroke."""
    almonds: bool
    """Whether eyes are drawn as almonds, or by their lines."""
    pupils: str
    """How pupils are drawn: `dot`, `ring` or not."""


def freehand(photo: Image.Image, seed: int) -> Image.Image:
    """Draw a photo (`L` or `RGB`) in few black strokes on white: a gray image (`L`) of its size.

    The strokes follow the darkest lines of Kang, Lee and Chui, "Coherent line drawing", NPAR 2007, above all
    near the eyes. `seed` draws the width of the pen (1 to 6 pixels of 256), the amount of detail, and how
    steady the hand is.
    """
    random = np.random.default_rng(seed)
    zoom = min(_SIDE / min(photo.size), _LONGEST / max(photo.size))
    size = (max(round(photo.width * zoom), 1), max(round(photo.height * zoom), 1))
    light = np.asarray(photo.convert("L").resize(size, Image.Resampling.BICUBIC), np.float32) / 255
    flat = evenly_lit(light)
    eyes = find_eyes(flat)
    hand = _hand(random, eyes)
    dark = darkness(flat, hand.scale)
    paths = list[Path]()
    if eyes:
        dark *= _attention(eyes, flat.shape)
        paths += _eyes(eyes, hand, random)
        if hand.almonds:
            dark[_at_eyes(eyes, flat.shape)] = 0
    paths += ridges(dark, hand.share, hand.shortest)
    strokes = [stroke for path in paths for stroke in _by_hand(path, hand, random)]
    return _drawn(strokes, photo.size, 1 / zoom, hand)


def _hand(random: np.random.Generator, eyes: Eyes | None) -> _Hand:
    """Draw a hand; it draws small faces with a finer pen and finer details."""
    closer = min(max(eyes.distance / _EYES_APART, 0.6), 1.2) if eyes else 1.0
    width = max(float(np.exp(random.uniform(0, math.log(6)))) * min(closer, 1), 1)
    return _Hand(
        width=width,
        ink=int(random.integers(0, 51)),
        scale=random.uniform(0.8, 1.3) * closer,
        share=random.uniform(0.015, 0.045),
        shortest=random.uniform(5, 10) * closer + width,
        rounding=random.uniform(1.5, 4) * closer,
        wobble=random.uniform(0, 1) * closer,
        shift=random.uniform(0, 0.8) * closer,
        dropped=random.uniform(0, 0.2),
        gaps=random.uniform(0, 0.2),
        repeats=random.uniform(0, 0.25) * random.integers(0, 2),
        overshoot=random.uniform(0, 5) * closer,
        almonds=bool(random.random() < 0.5),
        pupils=str(random.choice(["dot", "ring", ""], p=[0.5, 0.3, 0.2])),
    )


def _attention(eyes: Eyes, shape: tuple[int, ...]) -> Levels:
    """Weights (H, W) of lines: more at the eyes, less far from the face."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + 0.5
    unit = eyes.distance
    (left, top), (right, bottom) = eyes.left, eyes.right
    face = ((x - (left + right) / 2) ** 2 + (y - (top + bottom) / 2 - 0.8 * unit) ** 2) / (1.9 * unit) ** 2
    weights = 0.25 + 0.75 * np.exp(-face / 2)
    for eye_x, eye_y in (eyes.left, eyes.right):
        weights += 0.6 * np.exp(
            -((x - eye_x) ** 2 + (y - eye_y + 0.12 * unit) ** 2) / (2 * (0.3 * unit) ** 2)
        )
    return weights


def _by_hand(path: Path, hand: _Hand, random: np.random.Generator) -> Iterator[Path]:
    """Yield the strokes that a hand draws for a path: none, one, or several."""
    dropped, gap, again = random.random(3)
    if dropped < hand.dropped and len(path) < 40:
        return
    for _ in range(2 if again < hand.repeats else 1):
        stroke = _overshot(path, random.uniform(0, hand.overshoot, 2))
        stroke = ndimage.gaussian_filter1d(stroke, hand.rounding, axis=0, mode="nearest")
        tremor = ndimage.gaussian_filter1d(random.standard_normal(stroke.shape), _TREMOR, axis=0)
        stroke += hand.wobble * tremor * _OF_NOISE + hand.shift * random.standard_normal(2)
        if gap < hand.gaps and len(path) >= 40:
            middle, half = random.uniform(0.2, 0.8) * len(stroke), random.uniform(1, 4) + hand.width / 2
            yield stroke[: round(middle - half)]
            yield stroke[round(middle + half) :]
        else:
            yield stroke


def _overshot(path: Path, lengths: Path) -> Path:
    """Extend a path straight at both ends, by two lengths."""
    before, after = (
        end[-1]
        + np.arange(1, int(length) + 1)[:, None] * (end[-1] - end[0]) / max(math.dist(end[-1], end[0]), 1)
        for end, length in zip((path[5::-1], path[-6:]), lengths, strict=True)
    )
    return np.concatenate([before[::-1], path, after])


def _at_eyes(eyes: Eyes, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """The points (H, W) that almonds and pupils replace."""
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    wide, high = 0.32 * eyes.distance, 0.16 * eyes.distance
    one, two = (((x - at[0]) / wide) ** 2 + ((y - at[1]) / high) ** 2 < 1 for at in (eyes.left, eyes.right))
    return one | two


def _eyes(eyes: Eyes, hand: _Hand, random: np.random.Generator) -> list[Path]:
    """The paths of almonds and pupils; a dot is a spiral."""
    shapes = list[Path]()
    reach, upper, lower, pupil = random.uniform((0.2, 0.08, 0.05, 0.06), (0.26, 0.13, 0.09, 0.1))
    if hand.almonds:
        along = np.linspace(-1, 1, 41)
        shapes += [np.stack([reach * along, high * (1 - along**2)], axis=1) for high in (-upper, lower)]
    if hand.pupils:
        turns = np.linspace(0, 1, 41)
        angle = 2 * np.pi * turns * (1 if hand.pupils == "ring" else 4)
        far = pupil * (1 if hand.pupils == "ring" else turns)
        shapes.append(np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1))
    return [np.array(eye) + eyes.distance * shape for eye in (eyes.left, eyes.right) for shape in shapes]


def _drawn(strokes: list[Path], size: tuple[int, int], zoom: float, hand: _Hand) -> Image.Image:
    """Draw strokes with a round pen, enlarged, and shrink the drawing to `size`; `zoom` scales them to it."""
    over = min(4.0, _LARGEST / max(size))
    canvas = Image.new("L", (round(size[0] * over) or 1, round(size[1] * over) or 1), 255)
    pen = ImageDraw.Draw(canvas)
    width = max(hand.width * zoom * over, 1)
    for stroke in strokes:
        points = np.concatenate([stroke[:-1:3], stroke[-1:]]) * zoom * over
        pen.line(points.ravel().tolist(), fill=hand.ink, width=round(width), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=hand.ink)
    return canvas.resize(size, Image.Resampling.BOX)
