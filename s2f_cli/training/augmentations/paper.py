"""Sketches as if made with another pencil, paper and scanner."""

import numpy as np
from torch import Tensor

from s2f_cli.training.augmentations._contract import Augmentation, Draw
from s2f_cli.training.augmentations._image_operations import (
    add_noise,
    add_shading,
    adjust_contrast,
    change_sharpness,
    per_row,
    to_levels,
    to_unit_range,
)

__all__ = ["Paper"]


class Paper(Augmentation):
    """Changes tone, contrast, shading, sharpness and noise of sketches; leaves photos unchanged."""

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Augment sketches."""
        if draw.domain != "sketch":
            return levels
        generators = draw.generators
        images = to_unit_range(levels)
        tones = per_row([_draw_tone(generator) for generator in generators], levels.device)
        gamma, contrast, brightness = tones.split(1, dim=1)
        images.pow_(gamma)
        adjust_contrast(images, images.amax(dim=(1, 2, 3), keepdim=True), contrast, brightness)
        add_shading(images, generators, strength=0.3, probability=0.4)
        change_sharpness(images, [_draw_sharpness(generator) for generator in generators])
        add_noise(images, generators, strength=0.04, probability=0.4)
        return to_levels(images)


def _draw_tone(generator: np.random.Generator) -> tuple[float, float, float]:
    """Draw gamma, contrast around the lightest value, and brightness."""
    if generator.random() < 0.8:
        return np.exp(generator.normal(0, 0.3)), generator.uniform(0.7, 1.25), generator.normal(0, 0.05)
    return 1.0, 1.0, 0.0


def _draw_sharpness(generator: np.random.Generator) -> tuple[float, float] | None:
    """Draw a change of sharpness: a blur, a sharpening, or none."""
    if generator.random() < 0.4:
        return generator.uniform(0.3, 1.3), -1.0
    return (1.0, generator.uniform(0.3, 1.0)) if generator.random() < 0.3 else None
