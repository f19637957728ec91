"""The colours of skin, hair and backdrop in a photo.

A region is a soft mask whose place follows from the eyes. It is found once in a photo; a photo that is
cropped, turned or recoloured afterwards is measured with its mask moved in the same way.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.faces import align
from s2f_cli.faces.manual_eyes import Eyes

Array = npt.NDArray[np.float64]

_MASK_SIDE = 256
"""The longer side of a mask before it is enlarged to the photo's size, in pixels."""
_SIDE = 48
"""The least shorter side at which colours are measured, in pixels."""
_SMALLEST = 0.001
"""The smallest region that is measured, as a share of the image."""
_ITERATIONS = 5
_SOFTENING = 0.05
"""Distances of colours in [-1, 1] below this count alike in the median."""


def find_eyes(photo: Image.Image) -> Eyes | None:
    """The eyes of the largest face of a photo (`L` or `RGB`); None if no face is found."""
    face = align.find_largest(photo)
    return None if face is None else (face.left_eye, face.right_eye)


def region_masks(
    size: tuple[int, int],
    eyes: Eyes | None,
    regions: Sequence[str],
    person: npt.NDArray[np.float32] | None = None,
) -> list[Image.Image]:
    """The mask of each region in a photo of `size`, as `L` images of that size.

    skin       both cheeks, below the eyes and beside the nose
    hair       above the forehead
    backdrop   the sides and the top of the photo, down to the mouth, without the head

    Without eyes, skin and hair are empty, and the backdrop is the border of the upper half. `person`, if it
    is known, is the share of the person in each pixel (height, width), in [0, 1]: it keeps long hair out of
    the backdrop, and the backdrop out of short hair.
    """
    scale = min(_MASK_SIDE / max(size), 1.0)
    width, height = (max(round(length * scale), 1) for length in size)
    y, x = np.mgrid[0.5:height, 0.5:width]
    within = {} if person is None else _person_and_backdrop(person, (width, height))
    masks = []
    for region in regions:
        if eyes is None:
            weight = _border(x / width, y / height) if region == "backdrop" else np.zeros((height, width))
        else:
            weight = _REGIONS[region](*_face_coordinates(x / scale, y / scale, eyes))
        levels = np.round(255 * weight * within.get(region, 1)).astype(np.uint8)
        masks.append(Image.fromarray(levels).resize(size, Image.Resampling.BILINEAR))
    return masks


def measure(levels: npt.NDArray[np.uint8], masks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The colours of regions in photos: (N, C, H, W) and masks (N, R, H, W), uint8 → (N, R, 3) in [-1, 1].

    A colour is the geometric median of the region's pixels (Weiszfeld's algorithm), which ignores up to half
    of them if they differ: shadows, strands, glasses. It is NaN where a region is hardly in the image.
    """
    block = max(min(levels.shape[2:]) // _SIDE, 1)
    pixels = _averages(levels, block).swapaxes(1, 2) / np.float32(127.5) - 1
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    weights = _averages(masks, block) / np.float32(255)
    shares = weights
    for _ in range(_ITERATIONS):
        colours = shares @ pixels / np.maximum(shares.sum(axis=2, keepdims=True), 1e-6)
        distances = np.linalg.norm(colours[:, :, None] - pixels[:, None], axis=3)
        shares = weights / (distances + np.float32(_SOFTENING))
    colours[weights.mean(axis=2) < _SMALLEST] = np.nan
    return colours


def measure_photo(
    photo: Image.Image,
    regions: Sequence[str],
    eyes: Eyes | None,
    person: npt.NDArray[np.float32] | None = None,
) -> list[list[float] | None]:
    """The colour of each region of a photo: red, green and blue in [-1, 1], or None where it is not in it.

    `person` as for `region_masks`.
    """
    masks = np.stack([np.asarray(mask) for mask in region_masks(photo.size, eyes, regions, person)])
    levels = np.asarray(photo.convert("RGB")).transpose(2, 0, 1)
    colours = measure(levels[None], masks[None])[0]
    return [None if np.isnan(colour).any() else colour.tolist() for colour in colours]


def _averages(levels: npt.NDArray[np.uint8], block: int) -> npt.NDArray[np.float32]:
    """The means of squares of `block` pixels: (N, C, H, W) → (N, C, squares)."""
    height, width = (length // block for length in levels.shape[2:])
    squares = levels[:, :, : height * block, : width * block]
    squares = squares.reshape(*levels.shape[:2], height, block, width, block)
    return squares.mean(axis=(3, 5), dtype=np.float32).reshape(*levels.shape[:2], height * width)


def _person_and_backdrop(
    person: npt.NDArray[np.float32], size: tuple[int, int]
) -> dict[str, npt.NDArray[np.float32]]:
    """What lies within hair and backdrop: certainly the person, and certainly not, at a mask's size."""
    share = np.asarray(Image.fromarray(person).resize(size, Image.Resampling.BILINEAR))
    return {"hair": np.clip(2 * share - 1, 0, 1), "backdrop": np.clip(1 - 2 * share, 0, 1)}


def _face_coordinates(x: Array, y: Array, eyes: Eyes) -> tuple[Array, Array]:
    """Positions across and down the face, from between the eyes, in distances of the eyes."""
    left, right = complex(*eyes[0]), complex(*eyes[1])
    position = (x + 1j * y - (left + right) / 2) / (right - left)
    return position.real, position.imag


def _ellipse(across: Array, down: Array, width: float, height: float) -> Array:
    """The distance from the centre: 1 on the ellipse with these semi-axes."""
    return np.hypot(across / width, down / height)


def _inside(distance: Array, softness: float = 0.15) -> Array:
    """1 inside an ellipse and 0 outside, with a soft edge."""
    return np.clip((1 - distance) / softness + 0.5, 0, 1)


def _cheeks(across: Array, down: Array) -> Array:
    return _inside(_ellipse(np.abs(across) - 0.6, down - 0.62, 0.22, 0.2))


def _hair(across: Array, down: Array) -> Array:
    skull = _ellipse(across, down, 1.2, 1.72)
    return _inside(skull) * (1 - _inside(skull / 0.8)) * np.clip((-0.6 - down) / 0.2, 0, 1)


def _backdrop(across: Array, down: Array) -> Array:
    head = _ellipse(across, down - 0.2, 1.7, 2.2)
    return (1 - _inside(head)) * np.clip((1.0 - down) / 0.2, 0, 1)


def _border(across: Array, down: Array) -> Array:
    """The upper half of the border, from positions 0 to 1 across and down a photo."""
    depth = np.minimum(np.minimum(across, 1 - across), down)
    return np.clip((0.12 - depth) / 0.04, 0, 1) * np.clip((0.55 - down) / 0.1, 0, 1)


_REGIONS: dict[str, Callable[[Array, Array], Array]] = {
    "skin": _cheeks,
    "hair": _hair,
    "backdrop": _backdrop,
}
