"""Smooth outlines, soft patches and tints for drawn faces.

A face has its own coordinates: pixels of a 256-pixel image, with the middle of the face at (0, 0). The canvas
is twice as large as the image, so scaling it down smooths every edge.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = tuple[int, int, int]

SIDE = 256
"""The side of the image, in pixels."""
OVER = 2
"""The side of the canvas, as a multiple of the image's."""
SOFT = 128
"""The side of the masks of soft patches, in pixels; they are blurred, so they can be coarse."""


class Pen:
    """Draws on `canvas`, an RGB image of side 2·SIDE, in rotated, shifted and scaled face coordinates."""

    def __init__(self, ground: Colour, turn: float, shift: Point, scale: float) -> None:
        side = SIDE * OVER
        self.canvas = Image.new("RGB", (side, side), ground)
        self._draw = ImageDraw.Draw(self.canvas)
        angle = math.radians(turn)
        self._cos, self._sin, self._shift = math.cos(angle) * scale, math.sin(angle) * scale, shift

    def place(self, points: Sequence[Point], scale: float = OVER) -> list[Point]:
        """Convert points of the face to pixels of the image, multiplied by `scale`."""
        dx, dy = self._shift
        middle = SIDE / 2
        return [
            (
                (middle + dx + x * self._cos - y * self._sin) * scale,
                (middle + dy + x * self._sin + y * self._cos) * scale,
            )
            for x, y in points
        ]

    def fill(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill an outline with a colour."""
        self._draw.polygon(self.place(points), fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a line through points; `width` is in pixels of the image."""
        self._draw.line(self.place(points), fill=colour, width=round(width * OVER), joint="curve")

    def soft(
        self,
        points: Sequence[Point],
        colour: Colour,
        blur: float,
        strength: float,
        inside: Sequence[Point] = (),
    ) -> None:
        """Fill an outline with blurred edges, clipped to `inside` if given; `strength` is 0 to 1."""
        small = SOFT / SIDE
        mask = Image.new("L", (SOFT, SOFT), 0)
        ImageDraw.Draw(mask).polygon(self.place(points, small), fill=round(255 * strength))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * small)).resize(
            self.canvas.size, Image.Resampling.BILINEAR
        )
        if inside:
            bound = Image.new("L", self.canvas.size, 0)
            ImageDraw.Draw(bound).polygon(self.place(inside), fill=255)
            mask = Image.composite(mask, bound, bound)
        self.canvas.paste(colour, (0, 0), mask)


def ring(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed Catmull-Rom curve through the points."""
    knots = np.array(points, float)
    before, after, beyond = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    p, q, r, s = (k[:, None] for k in (before, knots, after, beyond))
    curve = q + 0.5 * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)))
    return [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]


def oval(x: float, y: float, rx: float, ry: float, steps: int = 40) -> list[Point]:
    """An ellipse with the centre (x, y) and the radii rx and ry."""
    angles = [2 * math.pi * k / steps for k in range(steps)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def mirror(half: Sequence[Point]) -> list[Point]:
    """A symmetric outline, from its right half listed from top to bottom."""
    return [*half, *((-x, y) for x, y in reversed(half) if x)]


def shade(colour: Colour, by: float) -> Colour:
    """A colour darkened (`by` below 1) or lightened (above 1, up to white at 2)."""
    if by <= 1:
        return tuple(round(c * by) for c in colour)  # type: ignore[return-value]
    return tuple(round(c + (255 - c) * (by - 1)) for c in colour)  # type: ignore[return-value]


def tint(colour: Colour, other: Colour, share: float) -> Colour:
    """A mixture of two colours, with `share` of the other."""
    return tuple(round(c + (o - c) * share) for c, o in zip(colour, other, strict=True))  # type: ignore[return-value]
