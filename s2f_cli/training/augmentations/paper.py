"""Sketches as another pencil, paper and scanner might have left them."""

import numpy as np
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw
from s2f_cli.training.augmentations._light import columns, focus, grain, levels_of, pictures_of, shade, tone

__all__ = ["Paper"]


class Paper(Augmentation):
    """Sketches of other tone and contrast, shaded, softer or sharper, grained; faces stay."""

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """The sketches as they might have been; faces as they are."""
        if draw.domain != "sketch":
            return levels
        randoms = draw.randoms
        pictures = pictures_of(levels)
        pencils = columns([_pencil(random) for random in randoms], levels.device)
        hardness, contrast, brightness = pencils.split(1, dim=1)
        pictures.pow_(hardness)
        tone(pictures, pictures.amax(dim=(1, 2, 3), keepdim=True), contrast, brightness)
        shade(pictures, randoms, most=0.3, chance=0.4)
        focus(pictures, [_lens(random) for random in randoms])
        grain(pictures, randoms, most=0.04, chance=0.4)
        return levels_of(pictures)


def _pencil(random: np.random.Generator) -> tuple[float, float, float]:
    """Exponent of the levels, contrast around white, brightness."""
    if random.random() < 0.8:
        return np.exp(random.normal(0, 0.3)), random.uniform(0.7, 1.25), random.normal(0, 0.05)
    return 1.0, 1.0, 0.0


def _lens(random: np.random.Generator) -> tuple[float, float] | None:
    """Softer, sharper or as it is."""
    if random.random() < 0.4:
        return random.uniform(0.3, 1.3), -1.0
    return (1.0, random.uniform(0.3, 1.0)) if random.random() < 0.3 else None
