"""Differentiable augmentations of a critic's input (Zhao et al. 2020, "DiffAugment", §3.2)."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from s2f_cli.core.registry import did_you_mean


def color(images: Tensor) -> Tensor:
    """Change brightness, saturation and contrast of each image (N, C, H, W) at random."""

    def amount(low: float, high: float) -> Tensor:
        return torch.empty(len(images), 1, 1, 1, device=images.device).uniform_(low, high)

    images = images + amount(-0.5, 0.5)
    gray = images.mean(dim=1, keepdim=True)
    images = gray + (images - gray) * amount(0.0, 2.0)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * amount(0.5, 1.5)


def translation(images: Tensor) -> Tensor:
    """Shift each image by up to an eighth of its height and width, rounded; new pixels are 0."""
    count, _, height, width = images.shape
    down, right = (
        torch.randint(-limit, limit + 1, (count, 1), device=images.device)
        for limit in ((height + 4) // 8, (width + 4) // 8)
    )
    rows = (torch.arange(height, device=images.device) + down).clamp(-1, height) + 1
    columns = (torch.arange(width, device=images.device) + right).clamp(-1, width) + 1
    padded = F.pad(images, (1, 1, 1, 1))
    shifted = padded.gather(2, rows[:, None, :, None].expand(-1, images.shape[1], -1, width + 2))
    return shifted.gather(3, columns[:, None, None, :].expand(-1, images.shape[1], height, -1))


def cutout(images: Tensor) -> Tensor:
    """Set a rectangle of half the height and width of each image to 0, its centre anywhere in the image."""
    count, _, height, width = images.shape

    def covered(side: int) -> Tensor:
        size = (side + 1) // 2
        centre = torch.randint(0, side + 1 - size % 2, (count, 1), device=images.device)
        offset = torch.arange(side, device=images.device) - centre + size // 2
        return (offset >= 0) & (offset < size)

    hole = covered(height)[:, None, :, None] & covered(width)[:, None, None, :]
    return images.masked_fill(hole, 0.0)


POLICIES: dict[str, Callable[[Tensor], Tensor]] = {
    "color": color,
    "translation": translation,
    "cutout": cutout,
}


def policies(names: tuple[str, ...] | list[str]) -> list[Callable[[Tensor], Tensor]]:
    """Return the augmentations named `names`; raises ValueError, with the known names, for any other."""
    if unknown := [name for name in names if name not in POLICIES]:
        raise ValueError(f"there is no policy {unknown[0]!r}; {did_you_mean(unknown[0], list(POLICIES))}")
    return [POLICIES[name] for name in names]
