"""Photos as another camera might have taken them elsewhere."""

import numpy as np
import torch
from torch import Tensor

from s2f_cli.core.images import Domain
from s2f_cli.training.augmentations._backdrop import backdrop
from s2f_cli.training.augmentations._contract import Augmentation, Draw, Levels
from s2f_cli.training.augmentations._light import (
    Randoms,
    columns,
    focus,
    grain,
    levels_of,
    pictures_of,
    put,
    shade,
    taken,
    tone,
)
from s2f_cli.training.augmentations._scenes import scenes

__all__ = ["Camera"]


class Camera(Augmentation):
    """Faces before another backdrop, in other light and colours, gray, softer, noisier; sketches stay.

    A chance of `elsewhere` gives a photo with a plain backdrop another one: what is joined to the border and
    differs from its median colour by less than `tolerance` levels, shades counting less than hues.
    """

    def __init__(self, elsewhere: float = 0.7, tolerance: float = 42.0) -> None:
        self.elsewhere, self.tolerance = elsewhere, tolerance

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """Add a channel to a color photo: how much of each pixel is backdrop, 0 to 255."""
        if domain != "face" or len(levels) != 3:
            return levels
        share = backdrop(levels, self.tolerance)
        return np.concatenate([levels, np.round(share * 255).astype(np.uint8)[None]])

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """The photos as they might have been; sketches as they are."""
        if draw.domain != "face":
            return levels
        randoms = draw.randoms
        pictures = pictures_of(levels[:, :3])
        if levels.shape[1] == 4:
            self._move(pictures, levels[:, 3:], randoms)
        _light(pictures, randoms)
        shade(pictures, randoms, most=0.5, chance=0.5)
        color = [(0.0 if r.random() < 0.1 else r.uniform(0.6, 1.35),) for r in randoms]
        tone(pictures, pictures.mean(dim=1, keepdim=True), columns(color, levels.device))
        focus(pictures, [(r.uniform(0.3, 1.2), -1.0) if r.random() < 0.3 else None for r in randoms])
        grain(pictures, randoms, most=0.03, chance=0.4)
        return levels_of(pictures)

    def _move(self, pictures: Tensor, backdrops: Tensor, randoms: Randoms) -> None:
        """Some of them elsewhere."""
        some = [row for row, random in enumerate(randoms) if random.random() < self.elsewhere]
        if some:
            height, width = pictures.shape[2:]
            others = scenes(height, width, [randoms[row] for row in some], pictures.device)
            share = pictures_of(taken(backdrops, some))
            put(pictures, some, torch.lerp(taken(pictures, some), others, share))


def _light(pictures: Tensor, randoms: Randoms) -> None:
    """Another exposure, color of the light and contrast."""
    channels = pictures.shape[1]
    drawn = [_lit(random, channels) if random.random() < 0.8 else _unlit(channels) for random in randoms]
    lights = columns(drawn, pictures.device)
    exposure, color, contrast, brightness = lights.split((1, channels, 1, 1), dim=1)
    pictures.clamp_(0, 1).pow_(exposure).mul_(color)
    tone(pictures, pictures.mean(dim=(1, 2, 3), keepdim=True), contrast, brightness)


def _lit(random: np.random.Generator, channels: int) -> list[float]:
    exposure, color = np.exp(random.normal(0, 0.22)), np.exp(random.normal(0, 0.06, channels))
    return [exposure, *color, random.uniform(0.75, 1.25), random.normal(0, 0.05)]


def _unlit(channels: int) -> list[float]:
    return [1.0, *[1.0] * channels, 1.0, 0.0]
