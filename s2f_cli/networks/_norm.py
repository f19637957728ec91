"""Normalisation layers."""

import torch.nn.functional as F
from torch import Tensor, nn


class InstanceNorm(nn.Module):
    """Instance norm without affine (Ulyanov et al. 2016), each channel of each image to mean 0 and variance 1.

    As a group norm of one channel a group: equal to `nn.InstanceNorm2d`, and several times faster on a CPU.
    """

    def forward(self, image: Tensor) -> Tensor:  # noqa: D102
        return F.group_norm(image, image.shape[1])
