"""Keras-style "same" convolutions, for the reports that were written in Keras."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SameConv(nn.Conv2d):
    """A 5×5 convolution of stride 2 with Keras "same" padding: (N, C, H, W) → (N, C', H/2, W/2).

    H and W are even. Keras pads one row and column before and two after; PyTorch's `padding=2` would shift
    the result by one pixel.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size=5, stride=2)

    def forward(self, image: Tensor) -> Tensor:
        return super().forward(F.pad(image, (1, 2, 1, 2)))


class SameConvTranspose(nn.Module):
    """A transposed 5×5 convolution of stride 2, Keras "same": (N, C, H, W) → (N, C', 2H, 2W).

    Equals `ConvTranspose2d(kernel_size=5, stride=2, padding=1)` without its last row and column. It is
    computed as a 3×3 convolution to four times the channels and a pixel shuffle (Shi et al. 2016, "Is the
    deconvolution layer the same as a convolutional layer?"), which is several times faster on a CPU. The
    weight has PyTorch's shape (C, C', 5, 5).
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, 5, 5))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, image: Tensor) -> Tensor:
        inputs, outputs = self.weight.shape[:2]
        # Tap k of the transposed kernel adds input i to output 2i + k - 1: the even outputs of inputs
        # (i-1, i, i+1) use taps (3, 1, none), the odd ones (4, 2, 0).
        taps = F.pad(self.weight, (1, 0, 1, 0)).flip(2, 3).reshape(inputs, outputs, 3, 2, 3, 2).flip(3, 5)
        kernel = taps.permute(1, 3, 5, 0, 2, 4).reshape(4 * outputs, inputs, 3, 3)
        return F.pixel_shuffle(F.conv2d(image, kernel, self.bias.repeat_interleave(4), padding=1), 2)


def glorot(network: nn.Module) -> None:
    """Draw weights uniformly as in Glorot and Bengio 2010, set biases to zero: Keras' defaults."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | SameConvTranspose):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
