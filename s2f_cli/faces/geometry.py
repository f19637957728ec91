"""The geometry of alignment: presets, the transform from a photo to the aligned face, and its inverse.

Points are (x, y) in pixels from the upper left corner of an image; the centre of the first pixel is
(0.5, 0.5).
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from s2f_cli.core.errors import DataError
from s2f_cli.core.registry import did_you_mean

Point = tuple[float, float]

NARROWEST = 16
"""The minimum width of an aligned face, in pixels."""


@dataclass(frozen=True)
class Face:
    """A face in an image. Points are in pixels of the image; left is the left side of the image."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    confidence: float | None
    """The detector's score, higher is better; None for eyes found by hand."""
    left_corner: Point
    """The outer corner of the left eye."""
    right_corner: Point
    left_eye: Point
    """The midpoint of the corners of the left eye."""
    right_eye: Point
    nose: Point | None = None
    """The point below the tip of the nose."""


@dataclass(frozen=True)
class Preset:
    """The positions of the eyes in an aligned face of `width` × `height` pixels."""

    width: int
    height: int
    anchor: Literal["corners", "eyes"]
    """Whether `left` and `right` are the outer corners of the eyes or their centres."""
    left: Point
    right: Point


PRESETS = {
    "report-b": Preset(128, 128, "corners", (38, 38), (90, 38)),
    "cufs": Preset(200, 250, "eyes", (74.6, 127.7), (125.8, 127.7)),
    "ffhq": Preset(256, 256, "eyes", (96.5, 120), (159.5, 120)),
}
"""The presets by name.

`report-b`: outer corners with 30 % margins (report B, section 2.3, and its authors' code). `cufs`: the
average eye positions in the published alignment of the CUHK student photos. `ffhq`: the eye positions of a
frontal face in FFHQ (Karras et al. 2019)."""


def preset(name: str, width: int | None = None) -> Preset:
    """A preset, scaled to a width in pixels; raises DataError for an unknown name or an impossible width."""
    if name not in PRESETS:
        raise DataError(f"there is no alignment preset {name!r}", did_you_mean(name, sorted(PRESETS)))
    chosen = PRESETS[name]
    if width is None:
        return chosen
    if not NARROWEST <= width <= 8192:
        raise DataError(f"an aligned face cannot be {width} pixels wide", f"choose {NARROWEST} to 8192")
    scale = width / chosen.width
    left, right = ((x * scale, y * scale) for x, y in (chosen.left, chosen.right))
    return Preset(width, round(chosen.height * scale), chosen.anchor, left, right)


@dataclass(frozen=True)
class Transform:
    """A similarity transform from a photo to an aligned face of `width` × `height` pixels.

    The point (x, y) of the photo is (a·x + b·y + c, d·x + e·y + f) in the face; `matrix` is
    (a, b, c, d, e, f).
    """

    matrix: tuple[float, float, float, float, float, float]
    width: int
    height: int

    def __call__(self, point: Point) -> Point:
        """Map a point of the photo to the face."""
        a, b, c, d, e, f = self.matrix
        return a * point[0] + b * point[1] + c, d * point[0] + e * point[1] + f

    @property
    def scale(self) -> float:
        """Pixels of the face per pixel of the photo."""
        return math.hypot(self.matrix[0], self.matrix[3])

    def inverse(self) -> "Transform":
        """The transform from the face to the photo; it keeps the width and height of the face."""
        a, b, c, d, e, f = self.matrix
        det = a * e - b * d
        inverse = (e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det)
        return Transform(inverse, self.width, self.height)


def transform_of(face: Face, goal: Preset) -> Transform:
    """The rotation, scale and shift that move the eyes of a face to the positions of a preset."""
    corners = goal.anchor == "corners"
    left, right = (face.left_corner, face.right_corner) if corners else (face.left_eye, face.right_eye)
    start, end = complex(*left), complex(*right)
    first, last = complex(*goal.left), complex(*goal.right)
    turn = (last - first) / (end - start)
    shift = first - turn * start
    matrix = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    return Transform(matrix, goal.width, goal.height)


def warp(photo: Image.Image, transform: Transform) -> Image.Image:
    """Crop the aligned face out of a photo, mirrored beyond its edges; keeps the mode (`L` or `RGB`)."""
    return _sample(photo, transform.inverse(), transform.width, transform.height)


def paste_back(
    face: Image.Image,
    photo: Image.Image,
    transform: Transform,
    seam: float = 0.15,
    shape: Image.Image | None = None,
) -> Image.Image:
    """Paste an aligned face back where `warp(photo, transform)` took it from, with a soft seam.

    `face` may have any size with the aspect of the transform. The result has the size of the photo, and mode
    `RGB` if either image has it, else `L`. `seam` is the width over which the face fades into the photo, as
    a fraction of the face's width. `shape` is the opacity of the face before that: mode `L`, any size with
    the aspect of the transform; None is opaque.
    """
    mode = "RGB" if "RGB" in (face.mode, photo.mode) else "L"
    result = photo.convert(mode)
    to_photo = transform.inverse()
    corners = [(0, 0), (transform.width, 0), (0, transform.height), (transform.width, transform.height)]
    xs, ys = zip(*(to_photo(corner) for corner in corners), strict=True)
    left, top = max(math.floor(min(xs)), 0), max(math.floor(min(ys)), 0)
    right, bottom = min(math.ceil(max(xs)), photo.width), min(math.ceil(max(ys)), photo.height)
    if left >= right or top >= bottom:
        return result
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
    opacity = _mask(into_face, *size, seam * face.width)
    if shape is not None:
        visible = _sample(shape.resize(face.size, Image.Resampling.BILINEAR), into_face, *size)
        opacity = ImageChops.multiply(opacity, visible)
    result.paste(patch, (left, top), opacity)
    return result


def _mask(into_face: Transform, width: int, height: int, seam: float) -> Image.Image:
    """The opacity of the face: 255 inside, falling smoothly to 0 at its edges (mode `L`)."""
    a, b, c, d, e, f = into_face.matrix
    y, x = np.mgrid[0.5:height, 0.5:width]
    across, down = a * x + b * y + c, d * x + e * y + f
    depth = np.minimum(
        np.minimum(across, into_face.width - across), np.minimum(down, into_face.height - down)
    )
    ramp = np.clip(depth / max(seam, 1e-6), 0, 1)
    return Image.fromarray((255 * ramp * ramp * (3 - 2 * ramp)).round().astype(np.uint8))


def _sample(image: Image.Image, back: Transform, width: int, height: int) -> Image.Image:
    """Sample `width` × `height` pixels at the positions that `back` maps them to, without aliasing."""
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
    """The indices from start to stop; those outside 0 … length - 1 are mirrored at the edges."""
    folded = np.arange(start, stop) % (2 * length)
    return np.minimum(folded, 2 * length - 1 - folded)
