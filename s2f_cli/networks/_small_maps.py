"""Convolutions of maps of few places, as matrix products.

Where a map has 8×8 places and less, a convolution of many channels is mostly its weights, which oneDNN puts
into another order each time. As they lie in memory they are a matrix.
"""

import torch.nn.functional as F
from torch import Tensor, nn

SMALL = 64
"""How many places a small map has at most."""


class Conv2d(nn.Conv2d):
    """The same as torch's; faster in training on a CPU where maps are small."""

    def forward(self, image: Tensor) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        if not _fits(self, image):
            return super().forward(image)
        (down, right), (height, width), (tall, wide) = self.padding, self.stride, self.kernel_size
        patches = F.pad(image, (right, right, down, down)).unfold(2, tall, height).unfold(3, wide, width)
        rows = patches.permute(0, 2, 3, 1, 4, 5).flatten(3)
        return F.linear(rows, self.weight.flatten(1), self.bias).permute(0, 3, 1, 2).contiguous()


class ConvTranspose2d(nn.ConvTranspose2d):
    """The same as torch's; faster in training on a CPU where maps are small."""

    def forward(self, image: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, in_channels, H, W) → (N, out_channels, H', W')."""
        if not _fits(self, image) or output_size or self.output_padding != (0, 0):
            return super().forward(image, output_size)
        columns = image.permute(0, 2, 3, 1).flatten(1, 2) @ self.weight.flatten(1)
        sides = zip(image.shape[2:], self.stride, self.padding, self.kernel_size, strict=True)
        size = [(side - 1) * stride - 2 * padding + kernel for side, stride, padding, kernel in sides]
        made = F.fold(columns.transpose(1, 2), size, self.kernel_size, 1, self.padding, self.stride)
        return made if self.bias is None else made + self.bias[:, None, None]


def _fits(layer: nn.Conv2d | nn.ConvTranspose2d, image: Tensor) -> bool:
    return (
        layer.training
        and image.device.type == "cpu"
        and image.shape[2] * image.shape[3] <= SMALL
        and layer.weight.is_contiguous()
        and layer.groups == 1
        and layer.dilation == (1, 1)
        and layer.padding_mode == "zeros"
    )
