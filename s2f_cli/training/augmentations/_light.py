"""What happens to pictures (rows, channels, height, width) in [0, 1] on their way into a computer.

Each row draws from a generator of its own, in the processor; pictures are changed where they lie.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

Randoms = Sequence[np.random.Generator]


def pictures_of(levels: Tensor) -> Tensor:
    """Levels 0 to 255 → [0, 1]."""
    return levels.float().div_(255)


def levels_of(pictures: Tensor) -> Tensor:
    """[0, 1] → uint8, 0 to 255; what lies beyond is cut off."""
    return (pictures * 255).clamp_(0, 255).round_().to(torch.uint8)


def columns(drawn: npt.ArrayLike, device: torch.device) -> Tensor:
    """What each row has drawn, as (rows, numbers, 1, 1)."""
    return torch.tensor(np.asarray(drawn, np.float32)).to(device, non_blocking=True)[:, :, None, None]


def slope(direction: Tensor, height: int, width: int) -> Tensor:
    """(rows, 1, height, width) from about -0.5 to 0.5, rising in directions (rows, 1, 1, 1) in radians."""
    x = torch.linspace(-0.5, 0.5, width, device=direction.device)
    y = torch.linspace(-0.5, 0.5, height, device=direction.device)[:, None]
    return direction.cos() * x + direction.sin() * y


def tone(pictures: Tensor, middle: Tensor, contrast: Tensor, brightness: Tensor | float = 0.0) -> None:
    """Move all levels away from `middle` `contrast` times as far as they are, then up by `brightness`."""
    pictures.mul_(contrast).add_(middle * (1 - contrast) + brightness)


def shade(pictures: Tensor, randoms: Randoms, *, most: float, chance: float) -> None:
    """Brighter on one side than on the other, by up to `most`."""
    drawn = [
        (random.uniform(0, most), random.uniform(0, 2 * np.pi)) if random.random() < chance else (0.0, 0.0)
        for random in randoms
    ]
    strength, direction = columns(drawn, pictures.device).split(1, dim=1)
    pictures.mul_(1 + strength * slope(direction, *pictures.shape[2:]))


def blurred(pictures: Tensor, sigmas: Sequence[float]) -> Tensor:
    """Under a Gaussian of so many pixels, a number above 0 for each row; borders go on outwards.

    Sums of moved pictures: at these widths convolutions, and products with matrices, take a processor longer.
    """
    radius = int(3 * max(sigmas) + 0.5)
    place, sigma = np.arange(-radius, radius + 1), np.array(sigmas)[:, None]
    weights = np.where(np.abs(place) <= 3 * sigma + 0.5, np.exp(-0.5 * (place / sigma) ** 2), 0)
    shares = columns(weights / weights.sum(axis=1, keepdims=True), pictures.device).split(1, dim=1)
    for axis, margins in ((3, (radius, radius, 0, 0)), (2, (0, 0, radius, radius))):
        length, padded = pictures.shape[axis], F.pad(pictures, margins, mode="replicate")
        pictures = torch.zeros_like(pictures)
        for start, share in enumerate(shares):
            pictures.addcmul_(padded.narrow(axis, start, length), share)
    return pictures


def focus(pictures: Tensor, drawn: Sequence[tuple[float, float] | None]) -> None:
    """Add, for rows that have drawn (pixels, amount), so much of what a Gaussian of these pixels takes away.

    An amount of -1 is the picture under that Gaussian, one above 0 a sharper picture.
    """
    some = [row for row, pair in enumerate(drawn) if pair]
    if some:
        sigmas, amounts = zip(*(pair for pair in drawn if pair), strict=True)
        amount = columns([(amount,) for amount in amounts], pictures.device)
        chosen = taken(pictures, some)
        put(pictures, some, torch.lerp(blurred(chosen, sigmas), chosen, 1 + amount))


def taken(pictures: Tensor, rows: Sequence[int]) -> Tensor:
    """Some rows, to be worked on together."""
    return pictures.index_select(0, torch.tensor(rows).to(pictures.device, non_blocking=True))


def put(pictures: Tensor, rows: Sequence[int], changed: Tensor) -> None:
    """Put some rows back."""
    pictures.index_copy_(0, torch.tensor(rows).to(pictures.device, non_blocking=True), changed)


def grain(pictures: Tensor, randoms: Randoms, *, most: float, chance: float) -> None:
    """With noise of a standard deviation of up to `most`."""
    for picture, random in zip(pictures, randoms, strict=True):
        if random.random() < chance:
            noise = torch.from_numpy(random.standard_normal(picture.shape, np.float32))
            picture.add_(noise.to(picture.device, non_blocking=True), alpha=random.uniform(0.005, most))
