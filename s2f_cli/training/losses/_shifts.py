"""Correspondences of two feature maps that are registered up to a few positions."""

import torch
import torch.nn.functional as F
from torch import Tensor


def match(first: Tensor, second: Tensor, shift: int) -> tuple[Tensor, Tensor]:
    """For each position of two maps (N, C, H, W), take the nearest vector of the other map.

    Returns vectors of `second` for the positions of `first`, and of `first` for those of `second`, as maps.
    Vectors are compared by their mean absolute difference, at most `shift` rows and columns away; of equal
    ones the first in reading order counts. Gradients flow to the vectors taken, not through the choice.
    """
    with torch.no_grad():
        reach = range(-shift, shift + 1)
        offsets = [(dy, dx) for dy in reach for dx in reach]
        costs = torch.stack([_costs(first, second, offset, shift) for offset in offsets])
        backward = torch.stack(
            [torch.roll(cost, offset, (1, 2)) for cost, offset in zip(costs, offsets, strict=True)]
        )
        here = torch.arange(first.shape[2] * first.shape[3], device=first.device).view(first.shape[2:])
        steps = torch.tensor([dy * first.shape[3] + dx for dy, dx in offsets], device=first.device)
        in_second, in_first = here + steps[costs.argmin(0)], here - steps[backward.argmin(0)]
    return _take(second, in_second), _take(first, in_first)


def _costs(first: Tensor, second: Tensor, offset: tuple[int, int], shift: int) -> Tensor:
    """The distances (N, H, W) of each vector to that of `second` at its position plus `offset`."""
    padded = F.pad(second, [shift] * 4, value=torch.inf)
    top, left = (shift + step for step in offset)
    return (first - padded[:, :, top : top + first.shape[2], left : left + first.shape[3]]).abs().mean(1)


def _take(maps: Tensor, positions: Tensor) -> Tensor:
    indices = positions.flatten(1)[:, None].expand(-1, maps.shape[1], -1)
    return maps.flatten(2).gather(2, indices).view(maps.shape)
