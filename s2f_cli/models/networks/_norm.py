"""Normalisation layers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class InstanceNorm(nn.Module):
    """Instance norm (Ulyanov et al. 2016): each channel of each image to mean 0 and variance 1.

    As a group norm of one channel a group: equal to `nn.InstanceNorm2d`, and several times faster on a CPU.
    Its gradient is slow where channels come last; there each image has a batch norm of its own, which is the
    same too. With `channels` given each channel is then scaled and shifted by what is learned.
    """

    def __init__(self, channels: int | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels)) if channels else None
        self.bias = nn.Parameter(torch.zeros(channels)) if channels else None

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        last = image.is_contiguous(memory_format=torch.channels_last) and not image.is_contiguous()
        if self.training and last and image.device.type == "cpu":
            normal = [self._alone(one) for one in image.split(1)]
            return normal[0] if len(normal) == 1 else torch.cat(normal)
        return F.group_norm(image, image.shape[1], self.weight, self.bias)

    def _alone(self, image: Tensor) -> Tensor:
        return F.batch_norm(image, None, None, self.weight, self.bias, training=True)
