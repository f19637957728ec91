"""Colours as sRGB, by ICC profiles, code points (CICP) and gamma."""

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from s2f_cli.core import cicp

Levels = npt.NDArray[np.float64]
Tone = Callable[[Levels], Levels]
"""From levels in [0, 1] to levels of sRGB in [0, 1]."""

_SRGB_GAMMA, _GAMMA_SLACK = 1 / 2.2, 0.01
_SAME = 2
"""A profile that changes no level by more than this is taken for sRGB."""
_GRID = 9
"""Levels of each channel that profiles are tried on."""


def to_srgb(image: Image.Image, info: dict[Any, Any]) -> Image.Image:
    """An image of mode L, RGB, CMYK or LAB as sRGB, of mode L or RGB."""
    described = info.get("cicp")
    if described and image.mode in ("L", "RGB") and (described.is_hdr or not info.get("icc_profile")):
        image = cicp.to_srgb(image, described)
        if described.is_hdr:
            return image
    if image.mode in ("RGB", "CMYK"):
        transform = _transform(info.get("icc_profile"), image.mode)
        if transform is not None:
            converted: Image.Image = transform.apply(image)
            return converted
    if image.mode == "CMYK":
        return image.convert("RGB")
    if image.mode == "LAB":
        return _from_lab(image)
    tone = tone_of(info, is_gray=image.mode == "L" or _is_gray(image, info))
    if tone is None:
        return image
    table = (applied(tone, np.arange(256) / 255) * 255).round().astype(int).tolist()
    return image.point(table * len(image.getbands()))


def _is_gray(image: Image.Image, info: dict[Any, Any]) -> bool:
    """Whether an RGB image with a profile has only grays."""
    if not info.get("icc_profile"):
        return False
    red, green, blue = (band.tobytes() for band in image.split())
    return red == green == blue


def applied(tone: Tone | None, shares: Levels) -> Levels:
    """Levels in [0, 1] after a tone, in [0, 1]."""
    return shares if tone is None else np.clip(tone(shares), 0, 1)


def tone_of(info: dict[Any, Any], *, is_gray: bool = True) -> Tone | None:
    """How the grays of an image become those of sRGB; None if they are those of sRGB.

    A profile counts only if `is_gray`, as that of an RGB image changes its hues too. A gamma near that of
    sRGB is meant for it.
    """
    profile, gamma = info.get("icc_profile"), info.get("gamma")
    if profile:
        curve = _curve(profile) if is_gray else None
        if curve is None:
            return None
        return lambda shares: np.interp(shares * 255, np.arange(256), curve) / 255
    if not isinstance(gamma, int | float) or "srgb" in info or not 0.1 <= gamma <= 10:
        return None
    if abs(gamma - _SRGB_GAMMA) < _GAMMA_SLACK:
        return None
    return lambda shares: encode(shares ** (1 / gamma))


def encode(light: Levels) -> Levels:
    """Linear light in [0, 1] as levels of sRGB: IEC 61966-2-1, section 5.2."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=16)
def _curve(profile: bytes) -> tuple[int, ...] | None:
    """The sRGB level of each gray level of a profile of gray or RGB; None if it is sRGB, or broken."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    for mode in ("L", "RGB"):
        transform = _built(profile, mode)
        if transform is not None:
            levels = np.asarray(transform.apply(ramp.convert(mode)).convert("L"))[0]
            changed = np.abs(levels.astype(int) - np.arange(256)).max() > _SAME
            return tuple(levels.tolist()) if changed else None
    return None


@lru_cache(maxsize=16)
def _transform(profile: bytes | None, mode: str) -> Any:
    """The transform of a profile to sRGB; None if it changes nothing, is broken or of another mode."""
    transform = _built(profile, mode)
    if transform is None or mode != "RGB":
        return transform
    steps = np.linspace(0, 255, _GRID).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    ramp = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)
    probe = np.concatenate([grid, ramp], axis=1)
    changed = np.asarray(transform.apply(Image.fromarray(probe))).astype(int) - probe
    return transform if np.abs(changed).max() > _SAME else None


def _built(profile: bytes | None, mode: str) -> Any:
    from PIL import ImageCms

    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != {"L": "GRAY"}.get(mode, mode):
            return None
        exact = ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.NONE
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", flags=exact)
    except Exception:  # a broken profile counts as none, however it is broken
        return None


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    assert converted is not None
    return converted
