"""Things to stand before: walls, gradients, blurred shapes, clouds."""

from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.training.augmentations._light import Randoms, blurred, columns, put, slope, taken


def scenes(height: int, width: int, randoms: Randoms, device: torch.device) -> Tensor:
    """One for each generator, (rows, 3, height, width), about 0 to 1."""
    first, second, direction = columns([_wall(random) for random in randoms], device).split((3, 3, 1), dim=1)
    ground = torch.lerp(first, second, (0.5 + slope(direction, height, width)).clamp_(0, 1))
    _furnish(ground, randoms)
    for picture, random in zip(ground, randoms, strict=True):
        for cells in (random.integers(3, 9), random.integers(10, 40)):
            if random.random() < 0.5:
                cloud = torch.from_numpy(random.normal(0, random.uniform(0.01, 0.09), (1, 1, cells, cells)))
                cloud = cloud.float().to(device, non_blocking=True)
                picture.add_(F.interpolate(cloud, (height, width), mode="bilinear", align_corners=True)[0])
    return ground


def _wall(random: np.random.Generator) -> list[float]:
    """Two colours, often white or dark, and the direction from one to the other."""
    first, second = random.uniform(0, 1, (2, 3)) ** random.choice([0.3, 1.0, 1.0, 4.0])
    if random.random() < 0.35:
        second = first + random.normal(0, 0.05, 3)
    return [*first, *second, random.uniform(0, 2 * np.pi)]


def _furnish(ground: Tensor, randoms: Randoms) -> None:
    """Boxes and ellipses in some rows, more or less out of focus."""
    furnished = defaultdict(list)
    for row, random in enumerate(randoms):
        if random.random() < 0.65:
            for _ in range(random.integers(2, 14)):
                _paint(ground[row], random)
            furnished[float(random.choice([0.6, 2.0, 5.0, 9.0]))].append(row)
    for sigma, rows in furnished.items():
        put(ground, rows, blurred(taken(ground, rows), [sigma] * len(rows)))


def _paint(picture: Tensor, random: np.random.Generator) -> None:
    """A box or an ellipse of one colour, anywhere in (3, height, width)."""
    height, width = picture.shape[1:]
    x, y = random.uniform(-0.2, 1.0, 2) * (width, height)
    across, down = random.uniform(0.05, 0.7, 2) * (width, height)
    box, color = random.random() < 0.6, random.integers(0, 256, 3) / 255
    left, top = max(0, round(x)), max(0, round(y))
    part = picture[:, top : max(0, round(y + down)), left : max(0, round(x + across))]
    paint = columns([color], picture.device)[0]
    if not box:
        rows = torch.arange(part.shape[1], device=picture.device)[:, None] + (top + 0.5 - y - down / 2)
        aside = torch.arange(part.shape[2], device=picture.device) + (left + 0.5 - x - across / 2)
        inside = (aside / (across / 2)) ** 2 + (rows / (down / 2)) ** 2 <= 1
        paint = torch.where(inside, paint, part)
    part.copy_(paint)
