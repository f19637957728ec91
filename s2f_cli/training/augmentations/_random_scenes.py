"""Random backdrops: the walls of portraits; colour gradients, blurred shapes, clouds."""

from collections import defaultdict
from colorsys import hsv_to_rgb

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.augmentations._image_operations import (
    Generators,
    gaussian_blur,
    linear_gradient,
    per_row,
    replace_rows,
    select_rows,
)

_WALLS = ((0.9, 1.0, 0.06), (0.35, 0.9, 0.12), (0.02, 0.35, 0.3), (0.25, 0.95, 0.75))
"""White, gray, dark and coloured walls: the least and most bright value, and the most saturation."""


def plain_scenes(height: int, width: int, generators: Generators, device: torch.device) -> Tensor:
    """Return a wall of a portrait for each generator: (rows, 3, height, width) in [0, 1].

    White, gray, dark and coloured walls are drawn equally often, half of them lit from one side.
    """
    walls = per_row([_draw_plain_wall(generator) for generator in generators], device)
    first, second, direction = walls.split((3, 3, 1), dim=1)
    return torch.lerp(first, second, 0.5 + linear_gradient(direction, height, width)).clamp_(0, 1)


def _draw_plain_wall(generator: np.random.Generator) -> list[float]:
    """Draw two colours that are alike, and the direction from one to the other in radians."""
    low, high, most = _WALLS[generator.integers(len(_WALLS))]
    hue, saturation, value = generator.random(), generator.uniform(0, most), generator.uniform(low, high)
    colour = value * (1 - saturation * (1 - np.array(hsv_to_rgb(hue, 1, 1))))
    second = colour * (generator.uniform(0.7, 1) if generator.random() < 0.5 else 1)
    return [*colour, *second, generator.uniform(0, 2 * np.pi)]


def random_scenes(height: int, width: int, generators: Generators, device: torch.device) -> Tensor:
    """Return a scene for each generator: (rows, 3, height, width), roughly in [0, 1]."""
    walls = per_row([_draw_wall(generator) for generator in generators], device)
    first, second, direction = walls.split((3, 3, 1), dim=1)
    share = (0.5 + linear_gradient(direction, height, width)).clamp_(0, 1)
    scenes = torch.lerp(first, second, share)
    _add_shapes(scenes, generators)
    for scene, generator in zip(scenes, generators, strict=True):
        for cells in (generator.integers(3, 9), generator.integers(10, 40)):
            if generator.random() < 0.5:
                sigma = generator.uniform(0.01, 0.09)
                clouds = torch.from_numpy(generator.normal(0, sigma, (1, 1, cells, cells)))
                clouds = clouds.float().to(device, non_blocking=True)
                scene.add_(F.interpolate(clouds, (height, width), mode="bilinear", align_corners=True)[0])
    return scenes


def _draw_wall(generator: np.random.Generator) -> list[float]:
    """Draw two colours, often white or dark, and the direction from one to the other in radians."""
    first, second = generator.uniform(0, 1, (2, 3)) ** generator.choice([0.3, 1.0, 1.0, 4.0])
    if generator.random() < 0.35:
        second = first + generator.normal(0, 0.05, 3)
    return [*first, *second, generator.uniform(0, 2 * np.pi)]


def _add_shapes(scenes: Tensor, generators: Generators) -> None:
    """Paint boxes and ellipses into some rows, and blur these rows."""
    rows_by_blur = defaultdict(list)
    for row, generator in enumerate(generators):
        if generator.random() < 0.65:
            for _ in range(generator.integers(2, 14)):
                _paint_shape(scenes[row], generator)
            rows_by_blur[float(generator.choice([0.6, 2.0, 5.0, 9.0]))].append(row)
    for sigma, rows in rows_by_blur.items():
        replace_rows(scenes, rows, gaussian_blur(select_rows(scenes, rows), [sigma] * len(rows)))


def _paint_shape(scene: Tensor, generator: np.random.Generator) -> None:
    """Paint a box or an ellipse of one colour at a random place in (3, height, width)."""
    height, width = scene.shape[1:]
    x, y = generator.uniform(-0.2, 1.0, 2) * (width, height)
    shape_width, shape_height = generator.uniform(0.05, 0.7, 2) * (width, height)
    is_box, colour = generator.random() < 0.6, generator.integers(0, 256, 3) / 255
    left, top = max(0, round(x)), max(0, round(y))
    region = scene[:, top : max(0, round(y + shape_height)), left : max(0, round(x + shape_width))]
    paint = per_row([colour], scene.device)[0]
    if not is_box:
        down = torch.arange(region.shape[1], device=scene.device)[:, None] + (
            top + 0.5 - y - shape_height / 2
        )
        across = torch.arange(region.shape[2], device=scene.device) + (left + 0.5 - x - shape_width / 2)
        inside = (across / (shape_width / 2)) ** 2 + (down / (shape_height / 2)) ** 2 <= 1
        paint = torch.where(inside, paint, region)
    region.copy_(paint)
