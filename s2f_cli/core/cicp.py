"""Colours that a file describes by code points (ITU-T H.273), as HEIF, AVIF and PNG do, converted to sRGB.

Wide gamuts (Display P3, BT.2020) are clipped to that of sRGB. High dynamic range (PQ and HLG, ITU-R BT.2100)
is mapped to a display of 203 cd/m², the level of diffuse white in ITU-R BT.2408. Light below about half of it
is kept, and highlights are compressed by the curve of ITU-R BT.2390, section 5.4.
"""

import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

HEAD = 65_536
"""How many bytes at the start of a file are searched for the code points."""
WHITE = 203.0
"""Luminance of diffuse white, in cd/m² (ITU-R BT.2408)."""
PEAK = 1000.0
"""Luminance of the brightest highlights, in cd/m²: the usual mastering display."""

_Light = npt.NDArray[np.float32]
_LINEAR, _PQ, _HLG = 8, 16, 18
_D65 = (0.3127, 0.3290)
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_PRIMARIES = {
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}
"""The chromaticities of red, green and blue of wide gamuts, all with D65 as white."""
_BOX = {
    "AVIF": re.compile(rb"colrnclx\x00(.)\x00(.)", re.DOTALL),
    "PNG": re.compile(rb"\x00\x00\x00\x04cICP(.)(.)", re.DOTALL),
}
_CHUNK = 1 << 20


class CodePoints(NamedTuple):
    """The code points of an image."""

    primaries: int
    transfer: int

    @property
    def is_hdr(self) -> bool:
        """Whether the levels are those of a high dynamic range."""
        return self.transfer in (_PQ, _HLG)

    @property
    def is_srgb(self) -> bool:
        """Whether levels count as those of sRGB: BT.709, BT.601, unspecified and unknown values do."""
        return self.primaries not in _PRIMARIES and self.transfer not in (_LINEAR, _PQ, _HLG)


def code_points(opened: Image.Image, head: bytes) -> CodePoints | None:
    """The code points of an opened file that begins with `head` (`HEAD` bytes); None if it has none."""
    described: Any = opened.info.get("nclx_profile")
    if isinstance(described, dict):
        return CodePoints(described["color_primaries"], described["transfer_characteristics"])
    box = _BOX.get(opened.format or "")
    found = box and box.search(head.partition(b"IDAT")[0] if opened.format == "PNG" else head)
    return CodePoints(found[1][0], found[2][0]) if found else None


def to_srgb(image: Image.Image, described: CodePoints) -> Image.Image:
    """Convert an image of mode `L` or `RGB` to sRGB; the image itself if it is sRGB."""
    if described.is_srgb:
        return image
    levels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    pieces = [_converted(levels[at : at + _CHUNK], described) for at in range(0, len(levels), _CHUNK)]
    converted = np.concatenate(pieces).reshape(image.height, image.width, 3)
    return Image.fromarray(converted).convert(image.mode)


def _converted(levels: npt.NDArray[np.uint8], described: CodePoints) -> npt.NDArray[np.uint8]:
    light = _light(described.transfer)[levels]
    if described.transfer == _HLG:
        # The system gamma of a display of 1000 cd/m², BT.2100 table 5.
        luminance = light @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        light = light * luminance[:, None] ** np.float32(0.2) * np.float32(PEAK / WHITE)
    if described.primaries in _PRIMARIES:
        matrix = np.linalg.inv(_to_xyz(_BT709)) @ _to_xyz(_PRIMARIES[described.primaries])
        light = light @ matrix.T.astype(np.float32)
    light = light.clip(min=0)
    if described.is_hdr:
        light = _tone_mapped(light)
    light = light.clip(max=1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (encoded * 255).round().astype(np.uint8)


def _light(transfer: int) -> _Light:
    """The light of each of 256 levels: 1 is diffuse white, or for HLG the brightest light of the scene."""
    level = np.arange(256) / 255
    if transfer == _PQ:
        light = _from_pq(level) / WHITE
    elif transfer == _HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = np.where(level <= 0.5, level**2 / 3, (np.exp((level - c) / a) + b) / 12)
    elif transfer == _LINEAR:
        light = level
    else:
        light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
"""The constants of PQ, SMPTE ST 2084."""


def _from_pq(level: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Levels of PQ in [0, 1] as luminance in cd/m²."""
    root = level ** (1 / _M2)
    return 10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)


def _to_pq(luminance: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The inverse of `_from_pq`."""
    power = (luminance / 10_000) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def _tone_mapped(light: _Light) -> _Light:
    """Compress light above white, by one factor for the three channels of a pixel, which keeps its hue."""
    brightest = light.max(axis=1).clip(min=1e-6)
    top = float(_to_pq(np.array(PEAK)))
    level = (_to_pq(brightest * WHITE) / top).clip(max=1)
    white = float(_to_pq(np.array(WHITE))) / top
    knee = 1.5 * white - 0.5
    t = (level - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * white
    )
    mapped = _from_pq(np.where(level < knee, level, spline) * top) / WHITE
    return (light * (mapped / brightest)[:, None]).astype(np.float32)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> npt.NDArray[np.float64]:
    """The matrix from linear RGB to XYZ, by SMPTE RP 177."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in primaries]).T
    x, y = _D65
    scales = np.linalg.solve(columns, [x / y, 1, (1 - x - y) / y])
    return np.asarray(columns * scales)
