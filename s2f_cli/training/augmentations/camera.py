"""Photos as if taken with another camera in another place."""

import numpy as np
import torch
from torch import Tensor

from s2f_cli.models.domains import Domain
from s2f_cli.training.augmentations._backdrop_mask import backdrop_mask
from s2f_cli.training.augmentations._contract import Augmentation, Draw, Levels
from s2f_cli.training.augmentations._image_operations import (
    Generators,
    add_noise,
    add_shading,
    adjust_contrast,
    change_sharpness,
    per_row,
    replace_rows,
    select_rows,
    to_levels,
    to_unit_range,
)
from s2f_cli.training.augmentations._random_scenes import random_scenes

__all__ = ["Camera"]


class Camera(Augmentation):
    """Changes backdrop, light, colour, sharpness and noise of photos; leaves sketches unchanged.

    With probability `elsewhere`, a photo with a plain backdrop gets another one. The plain backdrop is
    connected to the border, and differs from the border's median colour by less than `tolerance` levels.
    """

    def __init__(self, elsewhere: float = 0.7, tolerance: float = 42.0) -> None:
        self.elsewhere, self.tolerance = elsewhere, tolerance

    def prepare(self, levels: Levels, domain: Domain) -> Levels:
        """Add a channel to a colour photo: the mask of its plain backdrop, 0 to 255."""
        if domain != "face" or len(levels) < 3 or not self.elsewhere:
            return levels
        mask = backdrop_mask(levels[:3], self.tolerance)
        return np.concatenate([levels, np.round(mask * 255).astype(np.uint8)[None]])

    def __call__(self, levels: Tensor, draw: Draw) -> Tensor:
        """Augment photos, and remove the channel that `prepare` added."""
        if draw.domain != "face":
            return levels
        generators = draw.generators
        images = to_unit_range(levels[:, :3])
        if levels.shape[1] > 3:
            self._replace_backdrops(images, levels[:, 3:4], generators)
        _change_light(images, generators)
        add_shading(images, generators, strength=0.5, probability=0.5)
        saturation = [(0.0 if g.random() < 0.1 else g.uniform(0.6, 1.35),) for g in generators]
        adjust_contrast(images, images.mean(dim=1, keepdim=True), per_row(saturation, levels.device))
        change_sharpness(
            images, [(g.uniform(0.3, 1.2), -1.0) if g.random() < 0.3 else None for g in generators]
        )
        add_noise(images, generators, strength=0.03, probability=0.4)
        return torch.cat([to_levels(images), levels[:, 4:]], dim=1)

    def _replace_backdrops(self, images: Tensor, masks: Tensor, generators: Generators) -> None:
        rows = [row for row, generator in enumerate(generators) if generator.random() < self.elsewhere]
        if rows:
            height, width = images.shape[2:]
            scenes = random_scenes(height, width, [generators[row] for row in rows], images.device)
            share = to_unit_range(select_rows(masks, rows))
            replace_rows(images, rows, torch.lerp(select_rows(images, rows), scenes, share))


def _change_light(images: Tensor, generators: Generators) -> None:
    """Change exposure, colour of the light, contrast and brightness."""
    channels = images.shape[1]
    unchanged = [1.0, *[1.0] * channels, 1.0, 0.0]
    lights = [_draw_light(g, channels) if g.random() < 0.8 else unchanged for g in generators]
    gamma, colour, contrast, brightness = per_row(lights, images.device).split((1, channels, 1, 1), dim=1)
    images.clamp_(0, 1).pow_(gamma).mul_(colour)
    adjust_contrast(images, images.mean(dim=(1, 2, 3), keepdim=True), contrast, brightness)


def _draw_light(generator: np.random.Generator, channels: int) -> list[float]:
    """Draw gamma, a factor for each channel, contrast and brightness."""
    gamma, colour = np.exp(generator.normal(0, 0.22)), np.exp(generator.normal(0, 0.06, channels))
    return [gamma, *colour, generator.uniform(0.75, 1.25), generator.normal(0, 0.05)]
