"""Where a face goes: presets, the transform from a photo to the aligned face, the warp, the way back.

Points are (x, y) in pixels from the upper left corner of an image; the middle of the first pixel is
(0.5, 0.5).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core.errors import DataError
from s2f_cli.core.registry import did_you_mean

Point = tuple[float, float]

NARROWEST = 16
"""The least width of an aligned face, in pixels."""


@dataclass(frozen=True)
class Face:
    """A face found in an image. Left is the left of the picture."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    confidence: float | None
    """The detector's score, higher for what it is surer of; None for eyes given by hand."""
    left_corner: Point
    """The outer corner of the eye on the left."""
    right_corner: Point
    left_eye: Point
    """The middle between the corners of the eye on the left."""
    right_eye: Point
    nose: Point | None = None
    """Under the tip of the nose."""


@dataclass(frozen=True)
class Preset:
    """Where the eyes are in an aligned face of `width` and `height` pixels."""

    width: int
    height: int
    anchor: Literal["corners", "eyes"]
    """Whether `left` and `right` are the outer corners of the eyes, or their middles."""
    left: Point
    right: Point


PRESETS = {
    "report-b": Preset(128, 128, "corners", (38, 38), (90, 38)),
    "cufs": Preset(200, 250, "eyes", (74.6, 127.7), (125.8, 127.7)),
    "ffhq": Preset(256, 256, "eyes", (96.5, 120), (159.5, 120)),
}
"""`report-b`: outer corners with 30 % margins (report B, section 2.3, and its authors' code). `cufs`: where
the eyes are in the published alignment of the CUHK student photos, on average. `ffhq`: where they are in FFHQ
(Karras et al. 2019) for a frontal face."""


def preset(name: str, width: int | None = None) -> Preset:
    """A preset by name, scaled to a width; raises DataError for an unknown name or an impossible width."""
    if name not in PRESETS:
        raise DataError(f"there is no alignment called {name!r}", did_you_mean(name, sorted(PRESETS)))
    chosen = PRESETS[name]
    if width is None:
        return chosen
    if not NARROWEST <= width <= 8192:
        raise DataError(f"an aligned face cannot be {width} pixels wide", f"give {NARROWEST} to 8192")
    scale = width / chosen.width
    left, right = ((x * scale, y * scale) for x, y in (chosen.left, chosen.right))
    return Preset(width, round(chosen.height * scale), chosen.anchor, left, right)


@dataclass(frozen=True)
class Transform:
    """A turn, scale and shift from a photo to an aligned face of `width` and `height` pixels.

    (x, y) in the photo is (a·x + b·y + c, d·x + e·y + f) in the face; `matrix` is (a, b, c, d, e, f).
    """

    matrix: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def __call__(self, point: Point) -> Point:
        """Where a point of the photo is in the face."""
        a, b, c, d, e, f = self.matrix
        return a * point[0] + b * point[1] + c, d * point[0] + e * point[1] + f

    @property
    def scale(self) -> float:
        """Pixels of the face for a pixel of the photo."""
        return math.hypot(self.matrix[0], self.matrix[3])

    def inverse(self) -> "Transform":
        """From the face to the photo; its width and height stay the face's."""
        a, b, c, d, e, f = self.matrix
        det = a * e - b * d
        inverse = (e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det)
        return Transform(inverse, self.width, self.height)


def transform_of(face: Face, goal: Preset) -> Transform:
    """The turn, scale and shift that put a face's eyes where a preset wants them, level."""
    corners = goal.anchor == "corners"
    left, right = (face.left_corner, face.right_corner) if corners else (face.left_eye, face.right_eye)
    start, end = complex(*left), complex(*right)
    first, last = complex(*goal.left), complex(*goal.right)
    turn = (last - first) / (end - start)
    shift = first - turn * start
    matrix = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    return Transform(matrix, goal.width, goal.height)


def warp(photo: Image.Image, transform: Transform) -> Image.Image:
    """The aligned face in a photo; beyond its edges the photo is mirrored. Keeps the mode (`L` or `RGB`)."""
    return _sample(photo, transform.inverse(), transform.width, transform.height)


def paste_back(
    face: Image.Image, photo: Image.Image, transform: Transform, seam: float = 0.15
) -> Image.Image:
    """A photo with the aligned face put back where `warp(photo, transform)` took it, with a soft seam.

    `face` may be of any size with the aspect of the transform, and of mode `L` or `RGB`; the result has the
    photo's size, and is `RGB` when either of them is. `seam` is the share of the face's width over which it
    fades into the photo.
    """
    mode = "RGB" if "RGB" in (face.mode, photo.mode) else "L"
    whole = photo.convert(mode)
    to_photo = transform.inverse()
    corners = [(0, 0), (transform.width, 0), (0, transform.height), (transform.width, transform.height)]
    xs, ys = zip(*(to_photo(corner) for corner in corners), strict=True)
    left, top = max(math.floor(min(xs)), 0), max(math.floor(min(ys)), 0)
    right, bottom = min(math.ceil(max(xs)), photo.width), min(math.ceil(max(ys)), photo.height)
    if left >= right or top >= bottom:
        return whole
    a, b, c, d, e, f = transform.matrix
    zoom_x, zoom_y = face.width / transform.width, face.height / transform.height
    into_face = Transform(
        (
            a * zoom_x,
            b * zoom_x,
            (a * left + b * top + c) * zoom_x,
            d * zoom_y,
            e * zoom_y,
            (d * left + e * top + f) * zoom_y,
        ),
        face.width,
        face.height,
    )
    size = right - left, bottom - top
    patch = _sample(face.convert(mode), into_face, *size)
    whole.paste(patch, (left, top), _mask(into_face, *size, seam * face.width))
    return whole


def _mask(into_face: Transform, width: int, height: int, seam: float) -> Image.Image:
    """How much of the face shows: 255 inside, falling smoothly to 0 at its edges."""
    a, b, c, d, e, f = into_face.matrix
    y, x = np.mgrid[0.5:height, 0.5:width]
    across, down = a * x + b * y + c, d * x + e * y + f
    depth = np.minimum(
        np.minimum(across, into_face.width - across), np.minimum(down, into_face.height - down)
    )
    ramp = np.clip(depth / max(seam, 1e-6), 0, 1)
    return Image.fromarray((255 * ramp * ramp * (3 - 2 * ramp)).round().astype(np.uint8))


def _sample(image: Image.Image, back: Transform, width: int, height: int) -> Image.Image:
    """`width` × `height` pixels, each from where `back` says it is in the image, without aliasing."""
    a, b, c, d, e, f = back.matrix
    shrink = max(int(back.scale), 1)
    corners = [back((x, y)) for x in (0, width) for y in (0, height)]
    rim = 3 * shrink
    left, right = _reach([x for x, _ in corners], rim, shrink)
    top, bottom = _reach([y for _, y in corners], rim, shrink)
    if left >= 0 and top >= 0 and right <= image.width and bottom <= image.height:
        patch = image.crop((left, top, right, bottom))
    else:
        rows, columns = _mirrored(top, bottom, image.height), _mirrored(left, right, image.width)
        patch = Image.fromarray(np.asarray(image).take(rows, axis=0).take(columns, axis=1))
    if shrink > 1:
        patch = patch.reduce(shrink)
    affine = (a, b, c - left, d, e, f - top)
    return patch.transform(
        (width, height),
        Image.Transform.AFFINE,
        tuple(value / shrink for value in affine),
        Image.Resampling.BICUBIC,
    )


def _reach(values: list[float], rim: int, step: int) -> tuple[int, int]:
    start = math.floor(min(values)) - rim
    steps = math.ceil((max(values) + rim - start) / step)
    return start, start + steps * step


def _mirrored(start: int, stop: int, length: int) -> npt.NDArray[np.intp]:
    """The indices from start to stop, those beyond 0 … length - 1 folded back at the edges."""
    folded = np.arange(start, stop) % (2 * length)
    return np.minimum(folded, 2 * length - 1 - folded)
