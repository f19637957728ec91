"""Normalisation layers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class InstanceNorm(nn.Module):
    """Instance norm (Ulyanov et al. 2016): each channel of each image to mean 0 and variance 1.

    As a group norm of one channel a group: equal to `nn.InstanceNorm2d`, and several times faster on a CPU.
    With `channels` given each channel is then scaled and shifted by what is learned.
    """

    def __init__(self, channels: int | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if channels else None
        self.bias = nn.Parameter(torch.zeros(channels)) if channels else None

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        return F.group_norm(image, image.shape[1], self.weight, self.bias)
